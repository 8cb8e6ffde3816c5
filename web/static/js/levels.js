/** How loud a recording is along its length, in a few small numbers: what a voice message looks like. */

export const MOST = 48
/** Quieter than this is drawn as silence. */
const FLOOR_DB = -50

/**
 * At most 48 numbers from 0 to 100; a second has at most eight of them, so that a short word is not drawn as a speech.
 * @param {Float32Array} samples @param {number} seconds
 */
export function levelsOf(samples, seconds) {
  const count = Math.max(1, Math.min(MOST, Math.round(seconds * 8), samples.length))
  const stretch = samples.length / count
  return Array.from({ length: count }, (_one, n) => level(samples.subarray(Math.floor(n * stretch), Math.floor((n + 1) * stretch))))
}

/** The root of the mean square, as a part of what is between silence and full. @param {Float32Array} samples */
export function level(samples) {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const loud = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12)
  // Speech is some 15 dB below full: it should fill the picture.
  return Math.round(100 * Math.min(1, Math.max(0, (loud - FLOOR_DB) / (-12 - FLOOR_DB))))
}

/**
 * What was recorded, measured: its length in milliseconds and its levels.
 * @param {Blob} recorded @param {{ ms: number, levels: number[] }} otherwise what was seen while it was recorded
 */
export async function measure(recorded, otherwise) {
  try {
    const sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(await recorded.arrayBuffer())
    return { ms: Math.round(sound.duration * 1000), levels: levelsOf(sound.getChannelData(0), sound.duration) }
  } catch {
    return otherwise
  }
}
