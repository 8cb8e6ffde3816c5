/** Playing voice messages: one at a time, at the listener's speed; those not heard yet go on one after the other. */
/** @import { Entry, StoredFile, Voice } from "./types" */
import { ask, hear, Refusal } from "./connection.js"
import { channel, facts } from "./facts.js"
import { say } from "./notices.js"
import { button, icon, iconButton, make } from "./page.js"
import { seconds } from "./times.js"
import { _ } from "./words.js"

const SPEEDS = [1, 1.5, 2]
const STEP = 5000
/** A form that is being made is asked for again after so long. */
const AGAIN = 1500
const TRIES = 20
/** Before that, the second form is hardly there: what was recorded is played where it can be. */
const YOUNG = 20_000

/** @typedef {{ box: HTMLElement, file: StoredFile, voice: Voice, entry: Entry, at: number, tries: number, waits: boolean, original: boolean, play: HTMLButtonElement, wave: HTMLElement, time: HTMLElement, mark: HTMLElement }} Player */

const audio = new Audio()
/** @type {Map<HTMLElement, Player>} */
const players = new Map()
/** @type {Map<string, Set<string>>} who has listened, by channel and seq */
const listeners = new Map()
/** @type {Map<string, Set<number>>} what is not known yet, by channel */
let unknown = new Map()
/** @type {Player | null} */
let current = null
let speed = SPEEDS.includes(Number(kept())) ? Number(kept()) : 1

audio.preload = "auto"
audio.addEventListener("timeupdate", () => current && (current.box.isConnected ? moved(current) : rest()))
audio.addEventListener("playing", () => current && begun(current))
audio.addEventListener("ended", () => current && ended(current))
audio.addEventListener("error", () => current && audio.getAttribute("src") && void failed(current))
for (const event of ["play", "pause"]) audio.addEventListener(event, () => current && draw(current))
hear("played", ({ channel: id, person, seq }) => note(id, seq, [person]))
hear("back", () => { for (const { entry } of players.values()) wonder(entry) })

/** Draws a voice message into its place. @param {HTMLElement} box @param {StoredFile} file @param {Entry} entry */
export function fill(box, file, entry) {
  const voice = file.voice
  if (!voice) return
  const wave = make("div", "voice__wave")
  const time = make("span", "voice__time")
  const mark = make("span", "voice__mark")
  /** @type {Player} */
  const player = { box, file, voice, entry, at: 0, tries: 0, waits: false, original: false, wave, time, mark, play: iconButton("play", _("Play"), () => toggle(player), "voice__play") }
  const faster = button("", () => hasten(), "voice__speed")
  faster.dataset.part = "voice-speed"
  const foot = make("div", "voice__foot")
  foot.append(time, mark)
  box.replaceChildren(player.play, wave, faster, foot)
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", _("Voice message, %(time)s", { time: seconds(voice.ms) }))
  drawWave(player)
  players.set(box, player)
  draw(player)
  wonder(entry)
}

/** @param {Player} player */
function toggle(player) {
  if (current === player && !audio.paused) return audio.pause()
  void play(player)
}

/** @param {Player} player */
async function play(player) {
  if (current !== player) {
    const before = current
    current = player
    player.tries = 0
    player.original = Date.now() - Date.parse(player.entry.at) < YOUNG && canPlay(player.file.type)
    audio.src = address(player)
    if (before) draw(before)
  }
  audio.playbackRate = speed
  if (player.at >= player.voice.ms) player.at = 0
  if (Math.abs(audio.currentTime * 1000 - player.at) > 50) audio.currentTime = player.at / 1000
  await audio.play().catch(() => undefined) // what went wrong is told by the event
}

/** @param {Player} player */
function address({ file, original }) {
  return `/files/${encodeURIComponent(file.id)}${original ? "" : "/sound"}`
}

/** @param {string} type */
function canPlay(type) {
  return audio.canPlayType(type === "audio/webm" ? "audio/webm; codecs=opus" : type) !== ""
}

/** One form could not be played: the other one is, or is waited for. @param {Player} player */
async function failed(player) {
  if (!player.original && canPlay(player.file.type) && player.tries === 0) {
    player.original = true
    player.tries++
    audio.src = address(player)
    return play(player)
  }
  player.original = false
  const answer = await fetch(address(player), { headers: { Range: "bytes=0-0", Accept: "application/json" } }).catch(() => null)
  const told = answer?.ok ? null : await answer?.json().catch(() => null)
  if (current !== player) return
  if ((answer?.ok || told?.error?.code === "being_prepared") && player.tries++ < TRIES) {
    player.waits = true
    drawMark(player)
    setTimeout(() => {
      if (current !== player) return
      audio.src = address(player)
      void play(player)
    }, answer?.ok ? 0 : AGAIN)
    return
  }
  rest()
  say(told?.error?.message ?? _("The voice message could not be fetched. Try again when the connection is back."))
}

function rest() {
  const before = current
  if (before) before.waits = false
  current = null
  audio.pause()
  audio.removeAttribute("src")
  if (before) draw(before)
}

/** @param {Player} player */
function begun(player) {
  const { entry } = player
  player.waits = false
  if (entry.actor === facts().me || heardBy(entry).has(facts().me)) return drawMark(player)
  note(entry.channel, entry.seq, [facts().me])
  ask("mark_played", { channel: entry.channel, seq: entry.seq }).catch((refusal) => {
    if (!(refusal instanceof Refusal)) throw refusal
  })
}

/** @param {Player} player */
function ended(player) {
  player.at = 0
  audio.currentTime = 0
  const next = following(player)
  rest()
  if (next) void play(next)
}

/** The next one below, if it has not been heard: what was said one after the other is heard so. @param {Player} player */
function following(player) {
  const rows = [...(player.box.closest("[data-part='list']")?.querySelectorAll(".voice") ?? [])]
  const next = players.get(/** @type {HTMLElement} */ (rows[rows.indexOf(player.box) + 1]))
  return next && next.entry.actor !== facts().me && !heardBy(next.entry).has(facts().me) ? next : null
}

/** @param {Player} player */
function moved(player) {
  player.at = audio.currentTime * 1000
  draw(player)
}

/** @param {Player} player @param {number} at */
function seek(player, at) {
  player.at = Math.min(player.voice.ms, Math.max(0, at))
  if (current === player && Number.isFinite(audio.currentTime)) audio.currentTime = player.at / 1000
  draw(player)
}

function hasten() {
  speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1
  audio.playbackRate = speed
  try {
    localStorage.setItem("voice-speed", String(speed))
  } catch {
    // Without storage the speed lasts as long as the page.
  }
  for (const player of players.values()) draw(player)
}

/** @param {Player} player */
function draw(player) {
  const { box, play: pressed, wave, time, voice, at } = player
  const playing = current === player && !audio.paused
  const name = playing ? "pause" : "play"
  if (pressed.dataset.shows !== name) {
    pressed.dataset.shows = name
    pressed.replaceChildren(icon(name))
    pressed.title = playing ? _("Pause") : _("Play")
    pressed.setAttribute("aria-label", pressed.title)
  }
  box.dataset.playing = String(playing)
  wave.style.setProperty("--played", `${(100 * Math.min(1, at / voice.ms)).toFixed(1)}%`)
  wave.setAttribute("aria-valuenow", String(Math.round(at / 1000)))
  wave.setAttribute("aria-valuetext", _("%(at)s of %(whole)s", { at: seconds(at), whole: seconds(voice.ms) }))
  time.textContent = at > 0 ? `${seconds(at)} / ${seconds(voice.ms)}` : seconds(voice.ms)
  const faster = /** @type {HTMLElement | null} */ (box.querySelector("[data-part='voice-speed']"))
  if (faster) {
    faster.textContent = `${speed}×`
    faster.setAttribute("aria-label", _("Speed: %(n)s times", { n: speed }))
  }
  drawMark(player)
}

/** Who has listened: the speaker sees how many, a listener what is still new. @param {Player} player */
function drawMark(player) {
  const { box, mark, entry } = player
  const heard = heardBy(entry)
  if (entry.actor === facts().me) {
    const others = (channel(entry.channel)?.people.length ?? 1) - 1
    box.dataset.played = String(heard.size)
    mark.textContent = heard.size === 0 ? _("Not played yet") : others <= 1 ? _("Played") : _("Played by %(n)s of %(m)s", { n: heard.size, m: others })
  } else {
    const fresh = !heard.has(facts().me)
    box.dataset.played = fresh ? "0" : "1"
    mark.textContent = player.waits ? _("Being prepared for your device…") : fresh ? _("New") : ""
  }
}

/** @param {Player} player */
function drawWave(player) {
  const { wave, voice } = player
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", `0 0 ${voice.levels.length * 4} 32`)
  svg.setAttribute("preserveAspectRatio", "none")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", voice.levels.map((one, n) => {
    const half = Math.max(1, (15 * one) / 100)
    return `M${n * 4 + 2} ${16 - half}V${16 + half}`
  }).join(""))
  svg.append(path)
  const passed = /** @type {SVGElement} */ (svg.cloneNode(true))
  passed.setAttribute("class", "voice__passed")
  wave.append(svg, passed)
  for (const [name, value] of [["role", "slider"], ["tabindex", "0"], ["aria-label", _("Place in the voice message")], ["aria-valuemin", "0"], ["aria-valuemax", String(Math.round(voice.ms / 1000))]]) wave.setAttribute(name ?? "", value ?? "")
  wave.addEventListener("keydown", (event) => step(player, event))
  wave.addEventListener("pointerdown", (event) => {
    wave.setPointerCapture(event.pointerId)
    point(player, event)
  })
  wave.addEventListener("pointermove", (event) => wave.hasPointerCapture(event.pointerId) && point(player, event))
}

/** @param {Player} player @param {PointerEvent} event */
function point(player, event) {
  const { left, width } = player.wave.getBoundingClientRect()
  seek(player, (player.voice.ms * (event.clientX - left)) / width)
}

/** @param {Player} player @param {KeyboardEvent} event */
function step(player, event) {
  const to = { ArrowRight: player.at + STEP, ArrowUp: player.at + STEP, ArrowLeft: player.at - STEP, ArrowDown: player.at - STEP, Home: 0, End: player.voice.ms }[event.key]
  if (event.key === " " || event.key === "Enter") toggle(player)
  else if (to === undefined) return
  else seek(player, to)
  event.preventDefault()
  event.stopPropagation()
}

/** @param {Entry} entry */
function heardBy(entry) {
  return listeners.get(`${entry.channel}:${entry.seq}`) ?? new Set()
}

/** @param {string} id @param {number} seq @param {string[]} people */
function note(id, seq, people) {
  const key = `${id}:${seq}`
  listeners.set(key, new Set([...(listeners.get(key) ?? []), ...people]))
  for (const [box, player] of players) {
    if (!box.isConnected && player !== current) players.delete(box)
    else if (player.entry.channel === id && player.entry.seq === seq) drawMark(player)
  }
}

/** Many voice messages that are drawn together are asked about together. @param {Entry} entry */
function wonder(entry) {
  if (!unknown.size) setTimeout(find, 50)
  unknown.set(entry.channel, (unknown.get(entry.channel) ?? new Set()).add(entry.seq))
}

async function find() {
  const asked = unknown
  unknown = new Map()
  for (const [id, seqs] of asked) {
    try {
      const { played } = await ask("read_played", { channel: id, seqs: [...seqs].slice(-200) })
      for (const { seq, people } of played) note(id, seq, people)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal // offline: asked again when the line is back
    }
  }
}

function kept() {
  try {
    return localStorage.getItem("voice-speed")
  } catch {
    return null
  }
}
