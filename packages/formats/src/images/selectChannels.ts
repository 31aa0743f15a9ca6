// Of four values a pixel, as decoders of RGBA give them, those that the file held.

/** The first one (gray), three (RGB) or four (RGBA) values of each pixel. */
export function selectChannels(rgba: Uint8ClampedArray, channels: 1 | 3 | 4): Uint8Array {
  if (channels === 4) return new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length);
  const pixels = rgba.length / 4;
  const data = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < channels; channel++) data[pixel * channels + channel] = rgba[pixel * 4 + channel];
  }
  return data;
}
