/** The way of sound and picture to the server and back: one transport up, one down, on mediasoup's objects. */
/** @import { Kind, ProducerFacts, Source, StageAnswer } from "../types" */
/** @import { Consumer, Device, Producer, Transport } from "../../vendor/mediasoup-client.esm.min.js" */
import { ask, Refusal } from "../connection.js"
import { layersOf } from "./layers.js"

/** How long new ways may take, and how often they are tried before all is made anew. */
const MENDING = 5000
const TRIES = 3

/** Lips belong to the voice: microphone and camera are one stream, the screen is another. */
const STREAM = { mic: "self", camera: "self", screen: "screen", screen_sound: "screen" }

export class Line {
  /** @type {Device | null} */
  device = null
  /** @type {Transport | null} */
  up = null
  /** @type {Transport | null} */
  down = null
  /** @type {Map<Source, Producer>} */
  producers = new Map()
  /** @type {Map<string, Consumer>} by producer */
  consumers = new Map()
  /** @type {Map<string, Promise<Consumer>>} those on their way, by producer: however often they are asked for, they come once */
  #coming = new Map()
  /** @type {WeakSet<Consumer>} those that the server was told to let flow */
  #flowing = new WeakSet()
  /** @type {Map<Transport, number>} what is looked at again after a while */
  #waiting = new Map()
  /** @type {Map<Transport, number>} transports that look for new ways, and how often they have tried */
  #mending = new Map()
  /** @type {Set<Transport>} */
  #restarting = new Set()
  /** A new network was noticed while there was no signalling. */
  #due = false

  /**
   * @param {string} room
   * @param {{ broken: () => void, mending: (on: boolean) => void }} told `broken` when a transport cannot be mended
   */
  constructor(room, told) {
    this.room = room
    this.told = told
  }

  /** @param {Pick<StageAnswer, "rtpCapabilities" | "iceServers">} stage */
  async open(stage) {
    const { Device: Made } = await load()
    this.device = await Made.factory()
    await this.device.load({ routerRtpCapabilities: stage.rtpCapabilities })
    const [up, down] = await Promise.all(["send", "recv"].map((direction) => ask("open_transport", { room: this.room, direction })))
    this.up = this.device.createSendTransport({ ...up, iceServers: stage.iceServers })
    this.down = this.device.createRecvTransport({ ...down, iceServers: stage.iceServers })
    this.up.on("produce", ({ kind, rtpParameters, appData }, done, failed) => {
      ask("produce", { transportId: this.up?.id, kind, source: appData.source, rtpParameters }).then(done, failed)
    })
    for (const transport of [this.up, this.down]) {
      transport.on("connect", ({ dtlsParameters }, done, failed) => {
        ask("connect_transport", { transportId: transport.id, dtlsParameters }).then(() => done(), failed)
      })
      transport.on("connectionstatechange", (state) => this.#watch(transport, state))
    }
  }

  /** @param {Source} source @param {MediaStreamTrack} track */
  async send(source, track) {
    const old = this.producers.get(source)
    if (old && !old.closed) {
      await old.replaceTrack({ track })
      return old
    }
    if (!this.up || this.up.closed) throw new Refusal("unavailable", "")
    const producer = await this.up.produce({ track, stopTracks: false, appData: { source }, ...shape(source, track) })
    this.producers.set(source, producer)
    return producer
  }

  /** What a lost line has left half done is finished. @param {ProducerFacts} producer */
  async receive(producer) {
    const there = this.consumers.get(producer.id)
    const consumer = there && !there.closed ? there : await this.#comes(producer)
    if (this.#flowing.has(consumer)) return consumer
    await ask("resume_consumer", { consumerId: consumer.id })
    this.#flowing.add(consumer)
    return consumer
  }

  /** @param {ProducerFacts} producer */
  #comes(producer) {
    const there = this.#coming.get(producer.id)
    if (there) return there
    const coming = this.#consume(producer).finally(() => this.#coming.get(producer.id) === coming && this.#coming.delete(producer.id))
    this.#coming.set(producer.id, coming)
    return coming
  }

  /** @param {ProducerFacts} producer */
  async #consume(producer) {
    if (!this.down || this.down.closed || !this.device) throw new Refusal("unavailable", "")
    const down = this.down
    const answer = await ask("consume", { transportId: down.id, producerId: producer.id, rtpCapabilities: this.device.recvRtpCapabilities })
    const consumer = await down.consume({ ...answer, streamId: `${producer.person}-${STREAM[producer.source]}`, appData: { ...producer } }).catch((error) => {
      // Whoever has left meanwhile wants nothing any more.
      throw down.closed ? new Refusal("unavailable", "") : error
    })
    this.consumers.set(producer.id, consumer)
    return consumer
  }

  /** @param {Source} source */
  async stop(source) {
    const producer = this.producers.get(source)
    if (!producer) return
    this.producers.delete(source)
    producer.close()
    await ask("close_producer", { producerId: producer.id }).catch(() => undefined)
  }

  /** @param {string} producerId */
  forget(producerId) {
    const consumer = this.consumers.get(producerId)
    this.#coming.delete(producerId)
    this.consumers.delete(producerId)
    consumer?.close()
  }

  forgetAll() {
    for (const id of [...this.consumers.keys(), ...this.#coming.keys()]) this.forget(id)
  }

  /** The network changed: new ways for both transports; what was agreed on for safety stays. */
  async mend() {
    this.#mending.clear()
    await Promise.all([this.up, this.down].map((transport) => transport && this.#restart(transport)))
  }

  /** After lost signalling: what could not be mended meanwhile. */
  mendDue() {
    const broken = [this.up, this.down].some((one) => one && ["disconnected", "failed"].includes(one.connectionState))
    if (!this.#due && !broken) return
    this.#due = false
    this.mend()
  }

  close() {
    this.up?.close()
    this.down?.close()
    this.producers.clear()
    this.consumers.clear()
    this.#coming.clear()
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#mending.clear()
    this.up = this.down = null
  }

  /** Whether the server still has both transports as we know them. @param {StageAnswer["transports"]} theirs */
  matches(theirs) {
    const ids = theirs.map((one) => one.id)
    return [this.up, this.down].every((one) => one && !one.closed && ids.includes(one.id))
  }

  /** @param {Transport} transport @param {RTCPeerConnectionState} state */
  #watch(transport, state) {
    if (state === "connected") this.#mended(transport)
    // "disconnected" often heals by itself within a second or two.
    else if (state === "disconnected") this.#later(transport, 2000)
    else if (state === "failed") this.#restart(transport)
  }

  /** One at a time for each transport, however many signs of a new network there are. @param {Transport} transport */
  async #restart(transport) {
    if (transport.closed || transport.connectionState === "new" || this.#restarting.has(transport)) return
    const tries = (this.#mending.get(transport) ?? 0) + 1
    if (tries > TRIES) return this.told.broken()
    this.#mending.set(transport, tries)
    this.#restarting.add(transport)
    try {
      const { iceParameters } = await ask("restart_ice", { transportId: transport.id })
      await transport.restartIce({ iceParameters })
      this.#later(transport, MENDING)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) return this.told.broken()
      // Without signalling there is nothing to do yet: whoever is back mends what is due.
      if (refusal.code === "offline") {
        this.#mending.delete(transport)
        this.#due = true
      } else if (refusal.passing) this.#later(transport, 1000 * 2 ** tries)
      else this.told.broken()
    } finally {
      this.#restarting.delete(transport)
    }
  }

  /** Looks again whether it is whole, and else tries once more. @param {Transport} transport @param {number} ms */
  #later(transport, ms) {
    clearTimeout(this.#waiting.get(transport))
    this.told.mending(transport.connectionState !== "connected")
    this.#waiting.set(transport, setTimeout(() => {
      if (transport.connectionState === "connected") this.#mended(transport)
      else this.#restart(transport)
    }, ms))
  }

  /** @param {Transport} transport */
  #mended(transport) {
    clearTimeout(this.#waiting.get(transport))
    this.#mending.delete(transport)
    this.told.mending([this.up, this.down].some((one) => one && ["disconnected", "failed"].includes(one.connectionState)))
  }
}

/** The library comes only when the stage is entered: the talk is there long before. */
export function load() {
  return import("../../vendor/mediasoup-client.esm.min.js")
}

/** @param {Source} source @param {MediaStreamTrack} track */
function shape(source, track) {
  if (source === "mic") return { codecOptions: { opusStereo: false, opusNack: true, opusFec: true, opusDtx: true } }
  if (source === "screen_sound") return { codecOptions: { opusNack: true, opusFec: true } }
  return { encodings: layersOf(source, track), codecOptions: { videoGoogleStartBitrate: 400 } }
}
