/** What was written and not yet acknowledged. It lies on the device, so that a reload or an empty battery loses nothing. */
/** @import { Location, Receipt } from "./types" */
import { ask, hear, line, Refusal, tell } from "./connection.js"

/** @typedef {{ client_id: string, channel: string, text: string, reply_to?: number, mentions?: string[], location?: Location, at: string, wrong?: string }} Letter */

/** @type {Letter[]} */
let letters = []
let place = ""
let sending = false
/** @type {(letter: Letter, receipt: Receipt | null) => void} */
let heard = () => undefined

/** @param {string} room @param {string} me @param {(letter: Letter, receipt: Receipt | null) => void} changed */
export function start(room, me, changed) {
  place = `outbox:${room}:${me}`
  heard = changed
  letters = read()
  hear("entered", flush)
}

export function waiting() {
  return letters
}

/** @param {Letter} letter */
export function post(letter) {
  letters.push(letter)
  keep()
  tell("letter", letter)
  flush()
}

/** @param {string} id */
export function again(id) {
  const letter = letters.find((one) => one.client_id === id)
  if (!letter) return
  delete letter.wrong
  keep()
  heard(letter, null)
  flush()
}

/** @param {string} id */
export function drop(id) {
  letters = letters.filter((letter) => letter.client_id !== id)
  keep()
}

/** In the order they were written; the next one goes when the one before it was acknowledged. */
async function flush() {
  if (sending) return
  sending = true
  try {
    for (let letter = next(); letter && line() === "online"; letter = next()) await send(letter)
  } catch {
    setTimeout(flush, 2000)
  } finally {
    sending = false
  }
}

function next() {
  return letters.find((letter) => !letter.wrong)
}

/** @param {Letter} letter */
async function send(letter) {
  const { channel, client_id, text, reply_to, mentions, location } = letter
  try {
    const receipt = await ask("post_message", { channel, client_id, text, ...(reply_to ? { reply_to } : {}), ...(mentions ? { mentions } : {}), ...(location ? { location } : {}) })
    drop(client_id)
    heard(letter, receipt)
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.passing) throw refusal
    letter.wrong = refusal.message
    keep()
    heard(letter, null)
  }
}

/** @returns {Letter[]} */
function read() {
  try {
    return JSON.parse(localStorage.getItem(place) || "[]")
  } catch {
    return []
  }
}

function keep() {
  try {
    if (letters.length) localStorage.setItem(place, JSON.stringify(letters))
    else localStorage.removeItem(place)
  } catch {
    // A browser that keeps nothing still sends what is on the screen.
  }
}
