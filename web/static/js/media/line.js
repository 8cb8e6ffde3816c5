/** The way of sound and picture to the server and back: one transport up, one down, on mediasoup's objects. */
/** @import { Kind, ProducerFacts, Source, StageAnswer } from "../types" */
/** @import { Consumer, Device, Producer, Transport } from "../../vendor/mediasoup-client.esm.min.js" */
import { ask, Refusal } from "../connection.js"

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
  /** @type {WeakSet<Consumer>} those that the server was told to let flow */
  #flowing = new WeakSet()
  /** @type {Map<Transport, number>} */
  #mending = new Map()

  /** @param {string} room @param {(lost: boolean) => void} broken called when a transport cannot be mended */
  constructor(room, broken) {
    this.room = room
    this.broken = broken
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
    const producer = await this.up.produce({ track, stopTracks: false, appData: { source }, ...shape(source) })
    this.producers.set(source, producer)
    return producer
  }

  /** What a lost line has left half done is finished. @param {ProducerFacts} producer */
  async receive(producer) {
    const there = this.consumers.get(producer.id)
    const consumer = there && !there.closed ? there : await this.#consume(producer)
    if (this.#flowing.has(consumer)) return consumer
    await ask("resume_consumer", { consumerId: consumer.id })
    this.#flowing.add(consumer)
    return consumer
  }

  /** @param {ProducerFacts} producer */
  async #consume(producer) {
    if (!this.down || this.down.closed || !this.device) throw new Refusal("unavailable", "")
    const answer = await ask("consume", { transportId: this.down.id, producerId: producer.id, rtpCapabilities: this.device.recvRtpCapabilities })
    const consumer = await this.down.consume({ ...answer, streamId: `${producer.person}-${STREAM[producer.source]}`, appData: { ...producer } })
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
    this.consumers.delete(producerId)
    consumer?.close()
  }

  forgetAll() {
    for (const id of [...this.consumers.keys()]) this.forget(id)
  }

  /** The network changed: new ways for both transports; what was agreed on for safety stays. */
  async mend() {
    await Promise.all([this.up, this.down].map((transport) => transport && this.#restart(transport)))
  }

  close() {
    this.up?.close()
    this.down?.close()
    this.producers.clear()
    this.consumers.clear()
    for (const timer of this.#mending.values()) clearTimeout(timer)
    this.up = this.down = null
  }

  /** Whether the server still has both transports as we know them. @param {StageAnswer["transports"]} theirs */
  matches(theirs) {
    const ids = theirs.map((one) => one.id)
    return [this.up, this.down].every((one) => one && !one.closed && ids.includes(one.id))
  }

  /** @param {Transport} transport @param {RTCPeerConnectionState} state */
  #watch(transport, state) {
    clearTimeout(this.#mending.get(transport))
    // "disconnected" often heals by itself within a second or two.
    if (state === "disconnected") this.#mending.set(transport, setTimeout(() => this.#restart(transport), 2000))
    else if (state === "failed") this.#restart(transport)
  }

  /** @param {Transport} transport */
  async #restart(transport) {
    if (transport.closed) return
    try {
      const { iceParameters } = await ask("restart_ice", { transportId: transport.id })
      await transport.restartIce({ iceParameters })
      clearTimeout(this.#mending.get(transport))
      this.#mending.set(transport, setTimeout(() => ["failed", "disconnected"].includes(transport.connectionState) && this.broken(true), 8000))
    } catch (refusal) {
      // Without signalling there is nothing to do yet: coming back joins the stage again and sees to it.
      if (refusal instanceof Refusal && refusal.code === "offline") return
      this.broken(true)
    }
  }
}

/** The library comes only when the stage is entered: the talk is there long before. */
export function load() {
  return import("../../vendor/mediasoup-client.esm.min.js")
}

/** @param {Source} source */
function shape(source) {
  if (source === "mic") return { codecOptions: { opusStereo: false, opusNack: true, opusFec: true, opusDtx: true } }
  if (source === "screen_sound") return { codecOptions: { opusNack: true, opusFec: true } }
  return { encodings: [{ maxBitrate: source === "screen" ? 1_500_000 : 800_000 }], codecOptions: { videoGoogleStartBitrate: 400 } }
}
