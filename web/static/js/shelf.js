/** Where unfinished uploads lie on the device: the file itself when it is not too large, else what tells it from others. */
/** @import { Parcel } from "./uploads.js" */

const KEEP = 64 * 1024 * 1024

/** @typedef {Omit<Parcel, "shape">} Kept */

/** @type {Promise<IDBDatabase | null>} */
let base = Promise.resolve(null)

/** @param {string} owner */
export function open(owner) {
  base = new Promise((resolve) => {
    try {
      const asked = indexedDB.open(`uploads:${owner}`, 1)
      asked.onupgradeneeded = () => asked.result.createObjectStore("parcels", { keyPath: "client_id" })
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = () => resolve(null)
    } catch {
      resolve(null) // a private window: uploads work, they only do not outlive the page
    }
  })
}

/** @returns {Promise<Kept[]>} */
export async function all() {
  const store = await parcels("readonly")
  return store ? answer(store.getAll(), []) : []
}

/** @param {Parcel} parcel */
export async function keep({ shape: _shape, ...kept }) {
  const store = await parcels("readwrite")
  if (store) await answer(store.put({ ...kept, file: kept.size <= KEEP ? kept.file : null }), null)
}

/** @param {string} id */
export async function drop(id) {
  const store = await parcels("readwrite")
  if (store) await answer(store.delete(id), null)
}

/** @param {IDBTransactionMode} mode */
async function parcels(mode) {
  const opened = await base
  return opened?.transaction("parcels", mode).objectStore("parcels") ?? null
}

/**
 * @template Found
 * @param {IDBRequest<any>} asked @param {Found} otherwise @returns {Promise<Found>}
 */
function answer(asked, otherwise) {
  return new Promise((resolve) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => resolve(otherwise)
  })
}
