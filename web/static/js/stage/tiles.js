/** Who is seen: a tile for each person and each shared screen, with name, standing, side and what is off. */
/** @import { ProducerFacts, Source } from "../types" */
import { hear } from "../connection.js"
import { facts, nameOf, person, standingOf } from "../facts.js"
import { copy, icon, part } from "../page.js"
import { consumerOf } from "../stage.js"
import { _ } from "../words.js"
import * as floating from "./floating.js"
import * as layout from "./layout.js"
import { lineWords } from "./network.js"
import { now } from "./now.js"
import * as sizes from "./sizes.js"
import * as sounds from "./sounds.js"

/** @type {Map<string, HTMLElement>} */
const tiles = new Map()
/** @type {HTMLElement} */
let root

/** @param {HTMLElement} stage */
export function start(stage) {
  root = part(stage, "tiles")
  hear("stage", show)
  hear("consumer", show)
}

function show() {
  const wanted = now.state === "on" ? [...shared(), ...seen()] : []
  const keys = new Set(wanted.map((one) => one.key))
  for (const [key, tile] of tiles) {
    if (keys.has(key)) continue
    sizes.forget(tile)
    tile.remove()
    tiles.delete(key)
  }
  for (const one of wanted) fill(tileFor(one), one)
  layout.arrange(root, tiles, wanted)
  floating.follow(layout.mostWanted(wanted))
  sounds.show()
  sizes.soon()
}

/** @typedef {{ key: string, person: string, source: "camera" | "screen", own: boolean, producer?: ProducerFacts }} Wanted */

/** @returns {Wanted[]} */
function shared() {
  const own = now.tracks.has("screen") ? [{ key: "own-screen", person: facts().me, source: /** @type {const} */ ("screen"), own: true }] : []
  const theirs = [...now.producers.values()].filter((one) => one.source === "screen")
  return [...own, ...theirs.map((one) => ({ key: one.id, person: one.person, source: /** @type {const} */ ("screen"), own: false, producer: one }))]
}

/** Oneself last: one looks at the others. @returns {Wanted[]} */
function seen() {
  const others = [...now.people].filter((id) => id !== facts().me && person(id))
  const own = { key: facts().me, person: facts().me, source: /** @type {const} */ ("camera"), own: true }
  return [...others.map((id) => ({ key: id, person: id, source: /** @type {const} */ ("camera"), own: false, producer: producerOf(id, "camera") })), own]
}

/** @param {Wanted} one */
function tileFor(one) {
  const there = tiles.get(one.key)
  if (there) return there
  const tile = copy("tile")
  const someone = person(one.person)
  tile.classList.add(`tile--${someone?.side ?? "bench"}`)
  tile.classList.toggle("tile--own", one.own)
  tile.classList.toggle("tile--screen", one.source === "screen")
  Object.assign(tile.dataset, { person: one.person, source: one.source })
  part(tile, "face").textContent = initials(nameOf(one.person))
  part(tile, "pin").addEventListener("click", () => layout.pin(one.key))
  const volume = /** @type {HTMLInputElement} */ (part(tile, "volume"))
  volume.addEventListener("input", () => sounds.turnTo(one.person, Number(volume.value) / 100))
  tiles.set(one.key, tile)
  root.append(tile)
  sizes.watch(tile)
  return tile
}

/** @param {HTMLElement} tile @param {Wanted} one */
function fill(tile, one) {
  const mic = one.own ? ownState("mic") : stateOf(producerOf(one.person, "mic"), "mic")
  const camera = one.own ? ownState("camera") : stateOf(one.producer, one.source)
  const away = now.away.has(one.person)
  const weak = Boolean(one.producer && now.paused.has(consumerOf(one.producer.id)?.id ?? "")) && camera === "on"
  Object.assign(tile.dataset, { state: away ? "away" : "on", mic, camera, weak: String(weak) })
  if (one.producer) tile.dataset.producer = one.producer.id
  else delete tile.dataset.producer
  tile.classList.toggle("tile--speaks", now.speaking.includes(one.person) && one.source === "camera")
  const picture = (one.source === "screen" || camera === "on") && !(now.saves && !one.own)
  watch(/** @type {HTMLVideoElement} */ (part(tile, "video")), picture ? trackFor(one) : null)
  part(tile, "face").hidden = tile.dataset.picture === "true" && !weak
  const name = one.own ? _("You") : nameOf(one.person)
  const words = one.source === "screen" ? _("%(name)s shows a screen", { name }) : name
  part(tile, "name").textContent = words
  part(tile, "standing").textContent = one.source === "screen" || one.own ? "" : standingOf(person(one.person))
  part(tile, "marks").replaceChildren(...marksOf(one, mic))
  part(tile, "away").hidden = !away
  part(tile, "weak").hidden = !weak || away
  part(tile, "loudness").hidden = one.own || one.source !== "screen" || !producerOf(one.person, "screen_sound")
  const pin = part(tile, "pin")
  const pinned = layout.isPinned(one.key)
  pin.setAttribute("aria-pressed", String(pinned))
  pin.title = pinned ? _("No longer large: %(name)s", { name: words }) : _("Show large: %(name)s", { name: words })
  pin.setAttribute("aria-label", pin.title)
}

/** What is off, asked for, or wrong. @param {Wanted} one @param {string} mic */
function marksOf(one, mic) {
  if (one.source === "screen") return []
  const marks = []
  if (layout.isPinned(one.key)) marks.push(mark("pin", _("shown large")))
  else if (layout.isLit(one)) marks.push(mark("spotlight", _("shown large to everybody")))
  if (mic !== "on") marks.push(mark("mic-off", mic === "held" ? _("muted by the mediator") : _("microphone off")))
  const hand = now.hands.indexOf(one.person) + 1
  if (hand) marks.push(mark("hand", _("hand raised, number %(n)s", { n: hand }), String(hand)))
  const line = now.network.get(one.person)
  if (line && line !== "good") marks.push(mark(line === "lost" ? "wifi-off" : "wifi", lineWords(line)))
  return marks
}

/** @param {Wanted} one */
function trackFor(one) {
  if (one.own) return now.tracks.get(one.source) ?? null
  return (one.producer && consumerOf(one.producer.id)?.track) ?? null
}

/** @param {HTMLVideoElement} video @param {MediaStreamTrack | null} track */
function watch(video, track) {
  const tile = /** @type {HTMLElement} */ (video.parentElement)
  tile.dataset.picture = String(Boolean(track))
  const shown = video.srcObject instanceof MediaStream ? video.srcObject.getTracks()[0] : null
  if (shown === track) return
  video.srcObject = track ? new MediaStream([track]) : null
  if (track) video.play().catch(() => undefined)
}

/** @param {string} who @param {Source} source */
function producerOf(who, source) {
  return [...now.producers.values()].find((one) => one.person === who && one.source === source)
}

/** @param {ProducerFacts | undefined} producer @param {Source} source */
function stateOf(producer, source) {
  if (producer && now.orders.get(producer.person)?.muted.includes(source)) return "held"
  return !producer || producer.paused ? "off" : "on"
}

/** @param {"mic" | "camera"} source */
function ownState(source) {
  if (now.held.has(source)) return "held"
  const open = source === "mic" ? now.wants.mic || now.talking : now.wants.camera && !now.saves
  return open && now.tracks.has(source) ? "on" : "off"
}

/** @param {string} drawn @param {string} words @param {string} [number] */
function mark(drawn, words, number = "") {
  const shown = document.createElement("span")
  shown.className = "tile__mark"
  shown.title = words
  const said = document.createElement("span")
  said.className = "unseen"
  said.textContent = words
  shown.append(icon(drawn), said)
  if (number) {
    const counted = document.createElement("span")
    counted.textContent = number
    counted.setAttribute("aria-hidden", "true")
    shown.append(counted)
  }
  return shown
}

/** 陈静 → 静, Chen Jing → CJ. @param {string} name */
function initials(name) {
  if (/\p{Script=Han}/u.test(name)) return name.slice(-1)
  return name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase()
}
