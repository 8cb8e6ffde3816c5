/** In how many sizes a picture is sent: by the size in which it is captured, the smallest first. */
/** @import { Source } from "../types" */

/** Bits a second of each layer, by how many there are. */
const BITRATES = { 1: [300_000], 2: [150_000, 650_000], 3: [150_000, 450_000, 1_400_000] }

/**
 * Each layer has half the width and height of the next. In each, frames that may be left out are marked as such: then a
 * weak line first loses smoothness, and its size only later.
 * @param {Source} source @param {MediaStreamTrack} track
 */
export function layersOf(source, track) {
  if (source === "screen") return [{ maxBitrate: 2_000_000, maxFramerate: 15 }]
  const count = countOf(track.getSettings())
  return BITRATES[count].map((maxBitrate, n) => ({ maxBitrate, scaleResolutionDownBy: 2 ** (count - 1 - n), scalabilityMode: "L1T3" }))
}

/** @param {MediaTrackSettings} size @returns {1 | 2 | 3} */
function countOf({ width = 0, height = 0 }) {
  const [short, long] = [Math.min(width, height), Math.max(width, height)] // a phone is held upright
  if (long >= 960 && short >= 540) return 3
  return long >= 480 && short >= 270 ? 2 : 1
}
