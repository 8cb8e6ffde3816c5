/** What the stage is like now: who is here, who sends what, and the reader's own switches. `stage/` draws it. */
/** @import { NetworkFacts, OrderFacts, ProducerFacts, Source } from "../types" */
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
  /** Why one waits, where there is more to say than that one is not in yet. */
  why: "",
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
  /** @type {Map<string, import("../types").Quality>} */
  network: new Map(),
  /** What is known of a line in figures: one's own, and for who leads everybody's. @type {Map<string, NetworkFacts>} */
  lines: new Map(),
  /** Consumers whose picture is left out because the line is too weak for it. @type {Set<string>} */
  paused: new Set(),
  /** New ways to the server are being looked for. */
  mending: false,
  /** @type {Map<Source, MediaStreamTrack>} one's own */
  tracks: new Map(),
  /** @type {Map<Source, Trouble>} */
  troubles: new Map(),
  /** @type {Set<Source>} what a moderator has muted */
  held: new Set(),
  /** Of these, what only a moderator lifts. @type {Set<Source>} */
  locked: new Set(),
  /** Whether one may show one's screen. @type {"no" | "asked" | "yes"} */
  share: "yes",
  /** Whether a moderator has oneself shown large to everybody. */
  isLit: false,
  /** What a moderator has muted, locked or allowed of each of the others. @type {Map<string, Pick<OrderFacts, "muted" | "locked" | "share" | "spotlight">>} */
  orders: new Map(),
  /** The microphone is open while a key is held. */
  talking: false,
  /** No pictures, neither way, so that less data is used. */
  saves: false,
  /** What the reader's own switches say. @type {Record<"mic" | "camera", boolean>} */
  wants: { mic: true, camera: true },
  /** @type {Record<"mic" | "camera" | "speaker", string>} */
  devices: { mic: "", camera: "", speaker: "" },
  /** What was unplugged, and is taken again when it is back. @type {Record<"mic" | "camera", string>} */
  missed: { mic: "", camera: "" },
}

let drawing = 0

/** Whoever draws the stage is told, once for all that changes together. A timer, for a hidden page is to hear who comes. */
export function show() {
  clearTimeout(drawing)
  drawing = setTimeout(() => tell("stage", now), 16)
}
