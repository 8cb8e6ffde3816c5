/** How good the lines are, in plain words; for oneself with what can be done about it. */
/** @import { NetworkFacts, Quality } from "../types" */
import { hear } from "../connection.js"
import { facts } from "../facts.js"
import { part } from "../page.js"
import { number } from "../times.js"
import { _ } from "../words.js"
import { now } from "./now.js"
import { save } from "./own.js"

/** @param {HTMLElement} stage */
export function start(stage) {
  part(stage, "says-save").addEventListener("click", () => save(true))
  hear("stage", () => show(stage))
}

/** @param {HTMLElement} stage */
function show(stage) {
  const line = now.lines.get(facts().me)
  const words = now.state === "on" ? sentence(line) : ""
  const says = part(stage, "says")
  says.hidden = !words
  const said = part(says, "says-words")
  if (said.textContent !== words) said.textContent = words
  part(says, "says-save").hidden = now.saves || now.mending || !["loss_down", "narrow"].includes(line?.why ?? "")
  const figures = part(says, "figures")
  figures.hidden = !line || now.mending
  if (line) part(figures, "figures-words").textContent = figuresOf(line)
}

/** One sentence, and what to do. @param {NetworkFacts | undefined} line */
function sentence(line) {
  if (now.mending) return _("Your network has changed. Sound and picture are coming back; you need not do anything.")
  if (!line || line.quality === "good") return now.saves ? _("No pictures, to save data. You hear the others and they hear you.") : ""
  switch (line.why) {
    case "loss_up": return _("The others hear you with gaps. Go closer to the router, or use another network.")
    case "loss_down": return _("You hear the others with gaps. Go closer to the router, or leave the pictures out.")
    case "delay": return _("Your words arrive late. Wait a moment after somebody has spoken before you begin.")
    case "narrow": return _("Your line is too weak for all pictures. The sound goes on.")
    case "lost": return _("Your connection is lost. It is being looked for; you need not do anything.")
    default: return line.quality === "fair" ? "" : lineWords(line.quality)
  }
}

/** @param {Quality} quality */
export function lineWords(quality) {
  switch (quality) {
    case "fair": return _("The line is fair")
    case "poor": return _("The line is weak")
    case "lost": return _("The line is lost")
    default: return _("The line is good")
  }
}

/** What is wrong with somebody else's line, for whoever leads and can wait or ask again. @param {NetworkFacts} line */
export function whyOf(line) {
  switch (line.why) {
    case "loss_up": return _("is heard with gaps")
    case "loss_down": return _("hears the others with gaps")
    case "delay": return _("hears and is heard late")
    case "narrow": return _("gets the sound, but not all pictures")
    default: return ""
  }
}

/** @param {NetworkFacts} line */
export function figuresOf(line) {
  const percent = (/** @type {number | undefined} */ share) => number(Math.round(1000 * (share ?? 0)) / 10)
  const way = _("There and back: %(ms)s ms.", { ms: number(line.rtt_ms ?? 0) })
  const up = _("Sending: %(kbit)s kbit/s, %(loss)s % lost.", { kbit: number(line.kbit_up ?? 0), loss: percent(line.loss_up) })
  const down = _("Receiving: %(kbit)s kbit/s, %(loss)s % lost.", { kbit: number(line.kbit_down ?? 0), loss: percent(line.loss_down) })
  const layer = line.layer === -1 ? _("Pictures: some are left out.") : line.layer === undefined || line.layer === null ? "" : _("Pictures: size %(n)s.", { n: line.layer + 1 })
  return [way, up, down, layer].filter(Boolean).join(" ")
}
