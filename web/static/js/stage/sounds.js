/** What is heard: an element for each voice and each shared sound; the tiles are silent, so that folding them away silences nobody. */
import { part } from "../page.js"
import { consumerOf } from "../stage.js"
import { now } from "./now.js"

/** @type {Map<string, number>} how loud a shared sound is to be, by person */
const volumes = new Map()

export function show() {
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
    if (one.source === "screen_sound") element.volume = volumes.get(one.person) ?? 1
    if (now.devices.speaker) element.setSinkId?.(now.devices.speaker).catch(() => undefined)
    box.append(element)
    element.play().catch(() => { part(document.body, "hear").hidden = false })
  }
}

/** The sound comes only after a touch in some browsers. */
export function play() {
  for (const element of part(document.body, "sounds").querySelectorAll("audio")) element.play().catch(() => undefined)
  part(document.body, "hear").hidden = true
}

/** How loud somebody's shared sound is for oneself, from 0 to 1. @param {string} person @param {number} volume */
export function turnTo(person, volume) {
  volumes.set(person, volume)
  for (const element of part(document.body, "sounds").querySelectorAll("audio")) {
    if (element.dataset.person === person && element.dataset.source === "screen_sound") element.volume = volume
  }
}

/** @param {string} device "" for the computer's own choice */
export async function hearFrom(device) {
  now.devices.speaker = device
  const all = [...part(document.body, "sounds").querySelectorAll("audio")]
  await Promise.all(all.map((element) => element.setSinkId?.(device).catch(() => undefined)))
}
