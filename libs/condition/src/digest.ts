/** 53 bits of a text (cyrb53), the same everywhere: short enough to be kept in every profile, wide enough that no two of a workspace meet by chance. */
export const digest = (text: string): string => bitsOf(text).toString(36);

/** Where a text falls between 0 and 1, the same everywhere; 1 itself is never reached. */
export const shareOf = (text: string): number => bitsOf(text) / 2 ** 53;

function bitsOf(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
