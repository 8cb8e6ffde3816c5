/** The stage's frame: the door of the meeting, the waiting room, and the switches under the tiles. */
/** @import { Hearing } from "../types" */
import { turnTo } from "../channels.js"
import { hear } from "../connection.js"
import { channel, facts, leads, me, nameOf } from "../facts.js"
import { mayShare } from "../media/tracks.js"
import { icon, part } from "../page.js"
import { join, leave, raiseHand } from "../stage.js"
import { dayAndClock } from "../times.js"
import { _, gap } from "../words.js"
import * as devices from "./devices.js"
import * as network from "./network.js"
import { now } from "./now.js"
import { turn } from "./own.js"
import { share } from "./screen.js"
import { play } from "./sounds.js"
import * as view from "./view.js"

const EARLY = 30 * 60_000

/** @param {HTMLElement} root */
export function start(root) {
  const acts = { join: () => join(), leave, mic: () => turn("mic"), camera: () => turn("camera"), screen: share, hand: raiseHand, hear: play, fold: () => fold(root) }
  for (const [name, act] of Object.entries(acts)) part(root, name).addEventListener("click", () => void act())
  devices.start(root)
  network.start(root)
  view.start(root)
  for (const name of ["stage", "entered", "people"]) hear(name, () => show(root))
  // The channel of a private talk may be told of before or after one is taken there.
  let taken = "main"
  const follow = () => {
    if (taken !== now.place && turnTo(now.place === "main" ? "everyone" : now.place)) taken = now.place
  }
  for (const name of ["moved", "channels"]) hear(name, follow)
}

/** @param {HTMLElement} root */
function show(root) {
  const { state } = now
  root.dataset.state = state
  root.dataset.place = now.place === "main" ? "main" : "caucus"
  root.dataset.channel = now.place
  part(document.body, "room").dataset.stage = state
  part(root, "lobby").hidden = state !== "off"
  part(root, "waiting").hidden = state !== "waiting"
  part(root, "joining").hidden = state !== "joining"
  part(root, "on").hidden = state !== "on"
  part(root, "tools").hidden = state === "off" || state === "joining"
  part(root, "host-lost").hidden = now.why !== "host_lost"
  part(root, "apart-wait").hidden = now.why !== "apart"
  part(root, "let-in").hidden = ["host_lost", "apart"].includes(now.why)
  part(root, "view").hidden = state !== "on"
  for (const name of ["screen", "hand"]) part(root, name).hidden = state !== "on" || (name === "screen" && !mayShare())
  showLobby(root)
  showDoor(root)
  toggle(root, "mic", (now.wants.mic || now.talking) && now.tracks.has("mic") && !now.held.has("mic"), "mic", _("Turn your microphone off"), _("Turn your microphone on"))
  toggle(root, "camera", now.wants.camera && !now.saves && now.tracks.has("camera") && !now.held.has("camera"), "camera", _("Turn your camera off"), _("Turn your camera on"))
  press(root, "screen", now.tracks.has("screen"), screenWords())
  part(root, "screen").dataset.share = now.share
  press(root, "hand", now.hands.includes(facts().me), now.hands.includes(facts().me) ? _("Lower your hand") : _("Raise your hand"))
  const speaker = now.speaking.find((id) => id !== facts().me)
  part(root, "folded").textContent = speaker ? _("%(name)s speaks", { name: nameOf(speaker) }) : _("%(n)s in the meeting", { n: now.people.size })
}

function screenWords() {
  if (now.tracks.has("screen")) return _("Stop showing your screen")
  if (now.share === "asked") return _("You have asked to show your screen")
  return now.share === "yes" ? _("Show your screen") : _("Ask to show your screen")
}

/** @param {HTMLElement} root */
function showLobby(root) {
  const { hearing } = facts()
  const on = isOn(hearing)
  part(root, "join").hidden = !on
  if (!on && isOver()) return showEnd(root)
  part(root, "lobby").dataset.on = String(on)
  part(root, "lobby-title").textContent = on ? hearing?.title || _("The meeting is on") : hearing ? _("Next meeting: %(when)s", { when: dayAndClock(hearing.starts_at) }) : _("No meeting is on")
  part(root, "lobby-text").textContent = on
    ? hearing?.state === "scheduled" ? dayAndClock(hearing.starts_at) : _("You can see and hear each other.")
    : leads() ? _("You can start one as soon as everybody is here.") : _("The mediator opens it. You can write at any time.")
}

/** @param {HTMLElement} root */
function showEnd(root) {
  const settled = facts().case.state === "agreed"
  part(root, "lobby").dataset.on = "false"
  part(root, "lobby-title").textContent = settled ? _("The case is settled") : _("The mediation has ended")
  part(root, "lobby-text").textContent = settled ? _("You can still write, for example about the payments.") : _("Everything stays here to be read.")
}

function isOver() {
  return !["consent_pending", "mediating"].includes(facts().case.state)
}

/** Half an hour before it begins one may already take a place in the waiting room. @param {Hearing | null} hearing */
function isOn(hearing) {
  if (!hearing || facts().state !== "open") return false
  return hearing.state !== "scheduled" || (!leads() && Date.parse(hearing.starts_at) - Date.now() < EARLY)
}

/** In a private talk the sign on the door stays. @param {HTMLElement} root */
function showDoor(root) {
  const place = now.place === "main" ? undefined : channel(now.place)
  const door = part(root, "door")
  door.hidden = now.place === "main" || now.state !== "on"
  if (door.hidden) return
  const others = (place?.people ?? [...now.people]).filter((id) => id !== facts().me).map(nameOf).join(_(", "))
  const words = me()?.side === "bench" ? _("Private. Only you and %(names)s. Nobody else sees or hears anything of this.", { names: others }) : _("Private. Only you and %(names)s. The other side sees and hears nothing of this.", { names: others })
  part(door, "sign").textContent = words + gap + _("It is never recorded.")
}

/** @param {HTMLElement} root @param {string} name @param {boolean} on @param {string} drawn @param {string} off @param {string} turnOn */
function toggle(root, name, on, drawn, off, turnOn) {
  const tool = part(root, name)
  tool.replaceChildren(icon(on ? drawn : `${drawn}-off`))
  tool.dataset.on = String(on)
  tool.setAttribute("aria-pressed", String(!on))
  tool.title = on ? off : turnOn
  tool.setAttribute("aria-label", tool.title)
}

/** @param {HTMLElement} root @param {string} name @param {boolean} pressed @param {string} label */
function press(root, name, pressed, label) {
  const tool = part(root, name)
  tool.setAttribute("aria-pressed", String(pressed))
  tool.title = label
  tool.setAttribute("aria-label", label)
}

/** @param {HTMLElement} root */
function fold(root) {
  const folded = part(root, "stage").classList.toggle("stage--folded")
  const tool = part(root, "fold")
  tool.setAttribute("aria-expanded", String(!folded))
  tool.replaceChildren(icon(folded ? "chevron-down" : "chevron-up"))
}
