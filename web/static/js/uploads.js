/** The files that are under way: they show how far they are, wait out a lost line or a locked phone, and survive a reload. */
/** @import { Address } from "./upload.js" */
import { streamOf } from "./channels.js"
import { hear } from "./connection.js"
import { say } from "./notices.js"
import { button, icon, make, newId } from "./page.js"
import * as shelf from "./shelf.js"
import { size } from "./times.js"
import { amiss, Gone, Lost, open, sendRest, Wrong } from "./upload.js"
import { _ } from "./words.js"

/** Parcels of one lane go one after the other; `label` is what they are called here. @typedef {{ lane?: string, label?: string }} Way */
/** @typedef {Address & Way & { name: string, size: number, modified: number, url: string, at: string, sent: number, shape: HTMLElement, file: File | null }} Parcel */

/** `over`: arrived, or refused. @type {Map<string, { parcel: Parcel, stop: AbortController, running: boolean, over: boolean, tries: number, anew: boolean }>} */
const under = new Map()
let limit = 0
let last = 0

/** @param {HTMLElement} root @param {string} owner whose parcels these are */
export async function start(root, owner) {
  limit = Number(root.dataset.uploadLimit ?? 0)
  shelf.open(owner)
  addEventListener("online", goOn)
  hear("line", (state) => state === "online" && goOn())
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && goOn())
  for (const kept of (await shelf.all()).sort((a, b) => (a.at < b.at ? -1 : 1))) {
    const parcel = { ...kept, shape: make("div", "parcel"), sent: kept.sent ?? 0 }
    take(parcel)
  }
}

/** @param {File} file @param {Pick<Address, "channel" | "purpose" | "title" | "told"> & Way} to */
export function sendFile(file, to) {
  const wrong = amiss(file, limit)
  if (wrong) return void say(wrong, { stays: true })
  // Of several at once each is a little later than the one before: after a reload they keep their order.
  last = Math.max(Date.now(), last + 1)
  take({
    ...to, client_id: newId(), name: file.name, size: file.size, modified: file.lastModified, url: "", at: new Date(last).toISOString(),
    sent: 0, shape: make("div", "parcel"), file,
  })
}

/** @param {Parcel} parcel */
function take(parcel) {
  under.set(parcel.client_id, { parcel, stop: new AbortController(), running: false, over: false, tries: 0, anew: false })
  shelf.keep(parcel)
  streamOf(parcel.channel)?.showParcel(parcel)
  hear("message_posted", (entry) => entry.client_id === parcel.client_id && finish(parcel))
  hear("document_submitted", (entry) => entry.client_id === parcel.client_id && finish(parcel))
  show(parcel, parcel.file ? "" : "ask")
  if (parcel.file) run(parcel)
}

function goOn() {
  for (const { parcel, running, over } of under.values()) if (parcel.file && !running && !over) run(parcel)
}

/** Whether everything that goes before it in its lane is through. @param {Parcel} parcel */
function isNext(parcel) {
  for (const { parcel: one, over } of under.values()) {
    if (one === parcel) return true
    if (parcel.lane && one.lane === parcel.lane && one.file && !over) return false
  }
  return true
}

/** @param {Parcel} parcel */
async function run(parcel) {
  const job = under.get(parcel.client_id)
  if (!job || job.running || !parcel.file) return
  if (!isNext(parcel)) return show(parcel, "")
  job.running = true
  try {
    if (!parcel.url) {
      parcel.url = await open(parcel.file, parcel)
      shelf.keep(parcel)
    }
    show(parcel, "")
    await sendRest(parcel.url, parcel.file, job.stop.signal, (sent) => {
      parcel.sent = sent
      job.tries = 0
      show(parcel, "")
    })
    job.over = true
    show(parcel, "done")
    shelf.drop(parcel.client_id)
    streamOf(parcel.channel)?.ledgers.get(parcel.channel)?.catchUp()
    if (parcel.purpose === "document") finish(parcel)
  } catch (error) {
    stumble(parcel, error)
  } finally {
    job.running = false
    if (job.over && parcel.lane) goOn()
  }
}

/** What was refused, or waits, once more; a film that could not be opened goes as a file. @param {Parcel} parcel */
function again(parcel) {
  const job = under.get(parcel.client_id)
  if (!job) return
  if (job.over && parcel.told?.kind === "clip") delete parcel.told.kind
  if (job.over) parcel.url = ""
  job.over = job.anew = false
  shelf.keep(parcel)
  run(parcel)
}

/** @param {Parcel} parcel @param {unknown} error */
function stumble(parcel, error) {
  const job = under.get(parcel.client_id)
  if (!job) return
  if (error instanceof Gone && !job.anew) {
    // It was kept too long, or the announcement itself was lost: the same act is announced once more.
    job.anew = true
    parcel.url = ""
    setTimeout(() => run(parcel))
  } else if (error instanceof Wrong) {
    job.over = true
    show(parcel, "wrong", error.message)
    shelf.drop(parcel.client_id)
  } else if (error instanceof Lost) {
    show(parcel, "paused")
    setTimeout(() => run(parcel), Math.min(15_000, 1000 * 2 ** job.tries++))
  } else if (!(error instanceof DOMException && error.name === "AbortError")) {
    show(parcel, "paused")
    reportError(error)
  }
}

/** @param {Parcel} parcel */
function finish(parcel) {
  under.delete(parcel.client_id)
  shelf.drop(parcel.client_id)
  document.querySelector(`[data-client="${CSS.escape(parcel.client_id)}"]`)?.remove()
}

/** @param {Parcel} parcel */
function give(parcel) {
  under.get(parcel.client_id)?.stop.abort()
  finish(parcel)
  goOn()
}

/**
 * How far it is, in a bar and in words.
 * @param {Parcel} parcel @param {"" | "paused" | "done" | "wrong" | "ask"} state @param {string} [why]
 */
function show(parcel, state, why = "") {
  const part = parcel.size ? Math.floor((100 * parcel.sent) / parcel.size) : 0
  const bar = make("progress")
  bar.max = 100
  bar.value = state === "done" ? 100 : part
  const called = parcel.label || parcel.title || parcel.name
  bar.setAttribute("aria-label", called)
  const words = {
    "": _("%(part)s % of %(size)s", { part, size: size(parcel.size) }),
    paused: _("Waiting at %(part)s %. It goes on by itself.", { part }),
    done: _("Sent"),
    wrong: why,
    ask: _("Stopped at %(part)s % when the page was closed. Choose the same file again and it goes on from there.", { part }),
  }[state]
  const name = make("span", "parcel__name")
  name.append(icon(state === "wrong" ? "alert" : signOf(parcel)), called)
  const box = make("div", "progress")
  box.append(bar, make("span", "", words))
  parcel.shape.dataset.state = state || "sending"
  parcel.shape.dataset.part = "parcel"
  parcel.shape.replaceChildren(name, box)
  if (state === "ask") parcel.shape.append(chooser(parcel))
  if (state === "wrong" || state === "paused") parcel.shape.append(button(_("Try again"), () => again(parcel), "button button--quiet button--small"))
  if (state !== "done") parcel.shape.append(button(state === "wrong" ? _("Close") : _("Cancel"), () => give(parcel), "button button--bare button--small"))
}

/** @param {Parcel} parcel */
function signOf({ told, file }) {
  if (told?.kind === "voice") return "mic"
  if (told?.kind === "clip") return "camera"
  return file?.type.startsWith("image/") ? "image" : "file"
}

/** A file cannot be read after a reload unless it was small enough to keep: then the reader points at it again. @param {Parcel} parcel */
function chooser(parcel) {
  const label = make("label", "button button--quiet button--small", _("Choose “%(name)s”", { name: parcel.name }))
  const input = make("input", "unseen")
  input.type = "file"
  input.addEventListener("change", () => {
    const file = input.files?.[0]
    if (!file) return
    if (file.size !== parcel.size || file.name !== parcel.name) return void say(_("That is another file. It was called “%(name)s”.", { name: parcel.name }))
    parcel.file = file
    run(parcel)
  })
  label.append(input)
  return label
}
