/** The line to the server: asks and is answered, hears what others did, and comes back by itself when it was lost. */
import { io } from "../vendor/socket.io.esm.min.js"

import { _ } from "./words.js"

const PATIENCE = 10_000

/** What the server said no to, in a sentence for the reader. */
export class Refusal extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message)
    this.code = code
  }

  /** Whether the same question may be answered later. */
  get passing() {
    return ["offline", "unavailable", "internal", "too_many", "not_signed_in"].includes(this.code)
  }
}

/** @typedef {"connecting" | "online" | "offline" | "signed_out"} LineState */

/** @type {Map<string, Set<(said: any) => void>>} */
const listeners = new Map()
/** What was said while parts of the page were still to come. @type {[string, any][] | null} */
let missed = null
/** @type {LineState} */
let state = "connecting"

const socket = io({
  autoConnect: false,
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  reconnectionDelay: 500,
  reconnectionDelayMax: 4000,
})

/**
 * @param {string} name @param {object} payload
 * @returns {Promise<any>} the answer; rejected with a Refusal
 */
export function ask(name, payload) {
  if (!socket.connected) return Promise.reject(offline())
  return new Promise((resolve, reject) => {
    socket.timeout(PATIENCE).emit(name, payload, (/** @type {unknown} */ lost, /** @type {any} */ answer) => {
      if (lost) reject(offline())
      else if (answer?.error) reject(new Refusal(answer.error.code, answer.error.message))
      else resolve(answer ?? {})
    })
  })
}

/** @param {string} name a push, the kind of an entry, or "line" @param {(said: any) => void} listener */
export function hear(name, listener) {
  const heard = listeners.get(name) ?? new Set()
  listeners.set(name, heard.add(listener))
  return () => heard.delete(listener)
}

/** Passes on what was heard; ledgers pass on their entries by kind. @param {string} name @param {any} said */
export function tell(name, said) {
  missed?.push([name, said])
  for (const listener of listeners.get(name) ?? []) listener(said)
}

export function line() {
  return state
}

/** The parts of the page listen now. What is said is kept for those that come later, when there are such. @param {{ later?: boolean }} [parts] */
export function connect({ later = false } = {}) {
  missed = later ? [] : null
  if (state !== "connecting") tell("line", state)
}

/** Starts parts of the page that come later: they hear what they missed, in its order. @param {() => void} start */
export function catchUp(start) {
  const before = new Map([...listeners].map(([name, heard]) => [name, new Set(heard)]))
  start()
  const said = missed ?? []
  missed = null
  for (const [name, what] of said) {
    for (const listener of listeners.get(name) ?? []) if (!before.get(name)?.has(listener)) listener(what)
  }
}

/** @param {LineState} next */
function become(next) {
  if (state === next || (state === "signed_out" && next === "connecting")) return
  state = next
  tell("line", next)
}

function offline() {
  return new Refusal("offline", _("There is no connection at the moment."))
}

// The line is opened as soon as this module is there: the rest of the page comes over meanwhile.
socket.onAny(tell)
socket.on("connect", () => become("online"))
socket.on("disconnect", (/** @type {string} */ why) => {
  become("connecting")
  if (why === "io server disconnect" && state !== "signed_out") setTimeout(() => socket.connect(), 1000)
})
socket.on("connect_error", (/** @type {Error} */ error) => {
  become(error.message === "not_signed_in" ? "signed_out" : "offline")
  if (error.message === "too_many_requests") setTimeout(() => socket.connect(), 5000)
})
hear("signed_out", () => become("signed_out"))
// A phone that lost its network knows at once; the ping would take half a minute.
addEventListener("offline", () => socket.io.engine?.close())
addEventListener("online", () => socket.connected || socket.connect())
socket.connect()
