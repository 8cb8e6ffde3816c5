/** One file on its way by tus 1.0: in pieces, from where the server says it has got to, until the last byte is acknowledged. */
import { _ } from "./words.js"

const SMALL = 256 * 1024
const LARGE = 1024 * 1024
/** A piece should take about a second: small enough to show progress, large enough not to wait. */
const PIECE_MS = 1200

/** What cannot be sent, however often one tries. */
export class Wrong extends Error {}
/** The server no longer knows the upload. */
export class Gone extends Wrong {}
/** The line is gone for now. */
export class Lost extends Error {}

/** What a sender tells of a file beside its name. @typedef {{ kind?: "voice" | "clip", levels?: string, album?: string, caption?: string }} Told */
/** @typedef {{ channel: string, client_id: string, purpose: "message" | "document", title?: string, told?: Told }} Address */

/**
 * Opens an upload and answers with its address.
 * @param {File} file @param {Address} to
 */
export async function open(file, to) {
  const facts = { channel: to.channel, client_id: to.client_id, purpose: to.purpose, filename: file.name, filetype: file.type || "application/octet-stream", ...(to.title ? { title: to.title } : {}), ...to.told }
  const answer = await send("/uploads", {
    method: "POST",
    headers: { "Tus-Resumable": "1.0.0", "Upload-Length": String(file.size), "Upload-Metadata": metadata(facts) },
  })
  const address = answer.headers.get("Location")
  if (!address) throw new Wrong(_("The file could not be taken."))
  return new URL(address, location.href).pathname
}

/** How many bytes the server has. @param {string} url */
export async function offset(url) {
  const answer = await send(url, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } })
  return Number(answer.headers.get("Upload-Offset") ?? 0)
}

/**
 * Sends what is missing; says after each piece how far it is. Answers with what the server made of the file.
 * @param {string} url @param {File} file @param {AbortSignal} stop @param {(sent: number) => void} moved
 */
export async function sendRest(url, file, stop, moved) {
  let at = await offset(url)
  let piece = SMALL
  moved(at)
  for (;;) {
    const began = performance.now()
    const answer = await send(url, {
      method: "PATCH", body: file.slice(at, at + piece), signal: stop,
      headers: { "Tus-Resumable": "1.0.0", "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" },
    })
    at = Number(answer.headers.get("Upload-Offset") ?? at + piece)
    moved(Math.min(at, file.size))
    if (at >= file.size) return answer.status === 204 ? null : answer.json()
    piece = performance.now() - began < PIECE_MS ? Math.min(piece * 2, LARGE) : Math.max(piece / 2, SMALL)
  }
}

/** What is wrong with a file before a byte was sent, in a sentence; "" when nothing is. @param {File} file @param {number} limit */
export function amiss(file, limit) {
  if (file.size === 0) return _("“%(name)s” is empty. Choose the file again.", { name: file.name })
  if (limit && file.size > limit) return _("“%(name)s” has %(size)s MB; at most %(limit)s MB can be sent.", { name: file.name, size: Math.ceil(file.size / 1e6), limit: Math.floor(limit / 1e6) })
  return ""
}

/** @param {string} url @param {RequestInit} request */
async function send(url, request) {
  let answer
  try {
    answer = await fetch(url, { ...request, credentials: "same-origin" })
  } catch {
    throw new Lost()
  }
  if (answer.ok) return answer
  const said = await answer.json().catch(() => null)
  if (answer.status >= 500 || [408, 423, 429].includes(answer.status) || said?.error?.code === "wrong_offset") throw new Lost()
  if (answer.status === 404) throw new Gone(said?.error?.message)
  throw new Wrong(said?.error?.message ?? _("The file could not be taken."))
}

/** @param {Record<string, string>} facts */
function metadata(facts) {
  return Object.entries(facts).map(([name, value]) => `${name} ${base64(value)}`).join(",")
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
