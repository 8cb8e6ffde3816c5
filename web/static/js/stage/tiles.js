/** Who is seen: a tile for each person and each shared screen, with name, standing, side and what is off. */
/** @import { ProducerFacts, Source } from "../types" */
import { hear } from "../connection.js"
import { facts, nameOf, person, standingOf } from "../facts.js"
import { copy, icon, part } from "../page.js"
import { consumerOf, tileSize } from "../stage.js"
import { now } from "./now.js"
import { _ } from "../words.js"

/** Somebody who coughs does not take the large place. */
const HOLD = 1500

/** @type {Map<string, HTMLElement>} */
const tiles = new Map()
/** @type {HTMLElement} */
let root
let large = ""
let since = 0

/** @param {HTMLElement} stage */
export function start(stage) {
  root = part(stage, "tiles")
  hear("stage", show)
  hear("consumer", show)
  new ResizeObserver(measureSoon).observe(root)
  document.addEventListener("visibilitychange", measureSoon)
}

function show() {
  const wanted = now.state === "on" ? [...shared(), ...seen()] : []
  const keys = new Set(wanted.map((one) => one.key))
  for (const [key, tile] of tiles) {
    if (keys.has(key)) continue
    tile.remove()
    tiles.delete(key)
  }
  for (const one of wanted) fill(tileFor(one), one)
  choose(wanted)
  sounds()
  measureSoon()
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
  tiles.set(one.key, tile)
  root.append(tile)
  return tile
}

/** @param {HTMLElement} tile @param {Wanted} one */
function fill(tile, one) {
  const mic = one.own ? ownState("mic") : stateOf(producerOf(one.person, "mic"))
  const camera = one.own ? ownState("camera") : stateOf(one.producer)
  const away = now.away.has(one.person)
  Object.assign(tile.dataset, { state: away ? "away" : "on", mic, camera })
  tile.classList.toggle("tile--speaks", now.speaking.includes(one.person) && one.source === "camera")
  const picture = one.source === "screen" || camera === "on"
  watch(/** @type {HTMLVideoElement} */ (part(tile, "video")), picture ? trackFor(one) : null)
  part(tile, "face").hidden = tile.dataset.picture === "true"
  const name = one.own ? _("You") : nameOf(one.person)
  part(tile, "name").textContent = one.source === "screen" ? _("%(name)s shows a screen", { name }) : name
  part(tile, "standing").textContent = one.source === "screen" || one.own ? "" : standingOf(person(one.person))
  const marks = []
  if (one.source === "camera" && mic !== "on") marks.push(mark("mic-off", mic === "held" ? _("muted by the mediator") : _("microphone off")))
  if (now.hands.includes(one.person)) marks.push(mark("hand", _("hand raised")))
  const line = now.network.get(one.person)
  if (line === "poor" || line === "lost") marks.push(mark("wifi-off", _("weak line")))
  part(tile, "marks").replaceChildren(...marks)
  part(tile, "away").hidden = !away
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

/** Each voice has an element of its own; the tiles are silent, so that folding them away silences nobody. */
function sounds() {
  const box = part(document.body, "sounds")
  const wanted = now.state === "on" ? [...now.producers.values()].filter((one) => one.kind === "audio") : []
  for (const element of box.querySelectorAll("audio")) {
    if (!wanted.some((one) => one.id === element.dataset.producer)) element.remove()
  }
  for (const one of wanted) {
    const track = consumerOf(one.id)?.track
    const there = box.querySelector(`[data-producer="${CSS.escape(one.id)}"]`)
    if (!track || (there instanceof HTMLAudioElement && there.srcObject instanceof MediaStream && there.srcObject.getTracks()[0] === track)) continue
    there?.remove()
    const element = document.createElement("audio")
    Object.assign(element.dataset, { producer: one.id, person: one.person, source: one.source })
    element.srcObject = new MediaStream([track])
    element.autoplay = true
    if (now.devices.speaker) element.setSinkId?.(now.devices.speaker)
    box.append(element)
    element.play().catch(() => { part(document.body, "hear").hidden = false })
  }
}

/** The sound comes only after a touch in some browsers. */
export function playSounds() {
  for (const element of part(document.body, "sounds").querySelectorAll("audio")) element.play().catch(() => undefined)
  part(document.body, "hear").hidden = true
}

/** @param {Wanted[]} wanted */
function choose(wanted) {
  const others = wanted.filter((one) => !one.own)
  const speaker = now.speaking.map((id) => others.find((one) => one.person === id)).find(Boolean)
  const screen = wanted.find((one) => one.source === "screen" && !one.own)
  const kept = wanted.find((one) => one.key === large)
  const better = screen ?? (speaker && performance.now() - since > HOLD ? speaker : undefined) ?? kept ?? others.find((one) => person(one.person)?.standing === "mediator") ?? wanted[0]
  if (better && better.key !== large) {
    large = better.key
    since = performance.now()
  }
  for (const [key, tile] of tiles) tile.classList.toggle("tile--large", key === large)
  const count = wanted.length
  root.dataset.count = String(count)
  root.dataset.shared = String(Boolean(screen))
  root.style.setProperty("--columns", String(screen ? Math.max(1, count - 1) : count < 2 ? 1 : count < 5 ? 2 : 3))
}

let measuring = 0
function measureSoon() {
  clearTimeout(measuring)
  measuring = setTimeout(measure, 250)
}

/** @type {Map<string, string>} */
const told = new Map()

/** Tells the server how large each picture is seen, when that has changed. */
function measure() {
  const hidden = document.visibilityState !== "visible"
  for (const [key, tile] of tiles) {
    const producer = now.producers.get(key)?.id ?? producerOf(key, "camera")?.id
    if (!producer) continue
    const consumer = consumerOf(producer)?.id
    const width = hidden ? 0 : tile.clientWidth * devicePixelRatio
    const height = hidden ? 0 : tile.clientHeight * devicePixelRatio
    const size = `${consumer}:${Math.round(width / 40)}x${Math.round(height / 40)}`
    if (!consumer || told.get(producer) === size) continue
    told.set(producer, size)
    tileSize(producer, width, height)
  }
}

/** @param {string} who @param {Source} source */
function producerOf(who, source) {
  return [...now.producers.values()].find((one) => one.person === who && one.source === source)
}

/** @param {ProducerFacts | undefined} producer */
function stateOf(producer) {
  return !producer || producer.paused ? "off" : "on"
}

/** @param {"mic" | "camera"} source */
function ownState(source) {
  if (now.held.has(source)) return "held"
  return now.wants[source] && now.tracks.has(source) ? "on" : "off"
}

/** @param {string} drawn @param {string} words */
function mark(drawn, words) {
  const shown = document.createElement("span")
  shown.className = "tile__mark"
  shown.title = words
  const said = document.createElement("span")
  said.className = "unseen"
  said.textContent = words
  shown.append(icon(drawn), said)
  return shown
}

/** 陈静 → 静, Chen Jing → CJ. @param {string} name */
function initials(name) {
  if (/\p{Script=Han}/u.test(name)) return name.slice(-1)
  return name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase()
}
