/** The seat that one has on the stage of this room, kept as long as the tab: after a reload it is taken again. */
import { facts } from "../facts.js"

const place = () => `seat:${facts().room}:${facts().me}`

export function seat() {
  try {
    const kept = sessionStorage.getItem(place())
    return kept ? { seat: kept } : {}
  } catch {
    return {}
  }
}

/** @param {string} id */
export function keepSeat(id) {
  try {
    sessionStorage.setItem(place(), id)
  } catch {
    // Without storage a reload takes a new seat.
  }
}

export function forgetSeat() {
  try {
    sessionStorage.removeItem(place())
  } catch {
    // Nothing was kept.
  }
}
