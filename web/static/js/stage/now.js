/** What the stage is like now: who is here, who sends what, and the reader's own switches. `stage/` draws it. */
/** @import { OrderFacts, ProducerFacts, Source } from "../types" */
/** @import { Line } from "../media/line.js" */
/** @import { Trouble } from "../media/tracks.js" */
import { tell } from "../connection.js"

/** @typedef {"off" | "joining" | "waiting" | "on"} StageState */

export const now = {
  /** @type {Line | null} */
  line: null,
  /** @type {StageState} */
  state: "off",
  place: "main",
  /** @type {Map<string, ProducerFacts>} everybody's here but one's own */
  producers: new Map(),
  /** @type {Set<string>} */
  people: new Set(),
  /** @type {Set<string>} those whose line is lost */
  away: new Set(),
  /** @type {Set<string>} */
  waiting: new Set(),
  /** @type {string[]} */
  hands: [],
  /** @type {string[]} */
  speaking: [],
  /** @type {Map<string, string>} */
  network: new Map(),
  /** @type {Map<Source, MediaStreamTrack>} one's own */
  tracks: new Map(),
  /** @type {Map<Source, Trouble>} */
  troubles: new Map(),
  /** @type {Set<Source>} what a moderator has muted */
  held: new Set(),
  /** What a moderator has muted, locked or allowed of each of the others. @type {Map<string, Pick<OrderFacts, "muted" | "locked" | "share">>} */
  orders: new Map(),
  /** What the reader's own switches say. @type {Record<"mic" | "camera", boolean>} */
  wants: { mic: true, camera: true },
  /** @type {Record<"mic" | "camera" | "speaker", string>} */
  devices: { mic: "", camera: "", speaker: "" },
}

let drawing = 0

/** Whoever draws the stage is told, once for all that changes together. A timer, for a hidden page is to hear who comes. */
export function show() {
  clearTimeout(drawing)
  drawing = setTimeout(() => tell("stage", now), 16)
}
