/** As much of mediasoup-client's types as our pages use. */

export type MediaKind = "audio" | "video"
export type Direction = "send" | "recv"
export type ConnectionState = "new" | "connecting" | "connected" | "failed" | "disconnected" | "closed"
export type AppData = Record<string, unknown>

export interface RtcpFeedback {
  type: string
  parameter?: string
}
export interface RtpCodecCapability {
  kind: MediaKind
  mimeType: string
  preferredPayloadType?: number
  clockRate: number
  channels?: number
  parameters?: Record<string, unknown>
  rtcpFeedback?: RtcpFeedback[]
}
export interface RtpHeaderExtension {
  kind: MediaKind
  uri: string
  preferredId: number
  preferredEncrypt?: boolean
  direction?: "sendrecv" | "sendonly" | "recvonly" | "inactive"
}
export interface RtpCapabilities {
  codecs?: RtpCodecCapability[]
  headerExtensions?: RtpHeaderExtension[]
}
export interface RtpCodecParameters {
  mimeType: string
  payloadType: number
  clockRate: number
  channels?: number
  parameters?: Record<string, unknown>
  rtcpFeedback?: RtcpFeedback[]
}
export interface RtpEncodingParameters {
  ssrc?: number
  rid?: string
  codecPayloadType?: number
  rtx?: { ssrc: number }
  dtx?: boolean
  active?: boolean
  scalabilityMode?: string
  scaleResolutionDownBy?: number
  maxBitrate?: number
  maxFramerate?: number
  adaptivePtime?: boolean
  priority?: "very-low" | "low" | "medium" | "high"
  networkPriority?: "very-low" | "low" | "medium" | "high"
}
export interface RtpParameters {
  mid?: string
  codecs: RtpCodecParameters[]
  headerExtensions?: { uri: string; id: number; encrypt?: boolean; parameters?: Record<string, unknown> }[]
  encodings?: RtpEncodingParameters[]
  rtcp?: { cname?: string; reducedSize?: boolean; mux?: boolean }
  msid?: string
}

export interface IceParameters {
  usernameFragment: string
  password: string
  iceLite?: boolean
}
export interface IceCandidate {
  foundation: string
  priority: number
  ip: string
  address?: string
  protocol: "udp" | "tcp"
  port: number
  type: "host" | "srflx" | "prflx" | "relay"
  tcpType?: "active" | "passive" | "so"
}
export interface DtlsFingerprint {
  algorithm: string
  value: string
}
export interface DtlsParameters {
  role?: "auto" | "client" | "server"
  fingerprints: DtlsFingerprint[]
}

export interface TransportOptions {
  id: string
  iceParameters: IceParameters
  iceCandidates: IceCandidate[]
  dtlsParameters: DtlsParameters
  iceServers?: RTCIceServer[]
  iceTransportPolicy?: RTCIceTransportPolicy
  additionalSettings?: Record<string, unknown>
  appData?: AppData
}
export interface ProducerOptions {
  track?: MediaStreamTrack
  streamId?: string
  encodings?: RtpEncodingParameters[]
  codecOptions?: {
    opusStereo?: boolean
    opusFec?: boolean
    opusDtx?: boolean
    opusMaxPlaybackRate?: number
    opusMaxAverageBitrate?: number
    opusPtime?: number
    opusNack?: boolean
    videoGoogleStartBitrate?: number
    videoGoogleMaxBitrate?: number
    videoGoogleMinBitrate?: number
  }
  codec?: RtpCodecCapability
  stopTracks?: boolean
  disableTrackOnPause?: boolean
  zeroRtpOnPause?: boolean
  appData?: AppData
}
export interface ConsumerOptions {
  id: string
  producerId: string
  kind: MediaKind
  rtpParameters: RtpParameters
  streamId?: string
  appData?: AppData
}

interface Emitter<Events extends Record<string, any[]>> {
  on<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): this
  once<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): this
  off<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): this
}

export interface Producer extends Emitter<{ transportclose: []; trackended: [] }> {
  readonly id: string
  readonly kind: MediaKind
  readonly track: MediaStreamTrack | null
  readonly rtpSender?: RTCRtpSender
  readonly rtpParameters: RtpParameters
  readonly paused: boolean
  readonly closed: boolean
  readonly maxSpatialLayer?: number
  appData: AppData
  close(): void
  pause(): void
  resume(): void
  getStats(): Promise<RTCStatsReport>
  replaceTrack(options: { track: MediaStreamTrack | null }): Promise<void>
  setMaxSpatialLayer(layer: number): Promise<void>
  setRtpEncodingParameters(parameters: Partial<RtpEncodingParameters>): Promise<void>
}

export interface Consumer extends Emitter<{ transportclose: []; trackended: [] }> {
  readonly id: string
  readonly producerId: string
  readonly kind: MediaKind
  readonly track: MediaStreamTrack
  readonly rtpReceiver?: RTCRtpReceiver
  readonly rtpParameters: RtpParameters
  readonly paused: boolean
  readonly closed: boolean
  appData: AppData
  close(): void
  pause(): void
  resume(): void
  getStats(): Promise<RTCStatsReport>
}

type Done<Result> = (result: Result) => void
type Failed = (error: Error) => void

export interface Transport
  extends Emitter<{
    connect: [{ dtlsParameters: DtlsParameters }, () => void, Failed]
    produce: [{ kind: MediaKind; rtpParameters: RtpParameters; appData: AppData }, Done<{ id: string }>, Failed]
    connectionstatechange: [ConnectionState]
    icegatheringstatechange: ["new" | "gathering" | "complete"]
    icecandidateerror: [RTCPeerConnectionIceErrorEvent]
  }> {
  readonly id: string
  readonly direction: Direction
  readonly connectionState: ConnectionState
  readonly closed: boolean
  appData: AppData
  close(): void
  getStats(): Promise<RTCStatsReport>
  restartIce(options: { iceParameters: IceParameters }): Promise<void>
  updateIceServers(options: { iceServers: RTCIceServer[] }): Promise<void>
  produce(options: ProducerOptions): Promise<Producer>
  consume(options: ConsumerOptions): Promise<Consumer>
}

export class Device {
  static factory(options?: { handlerName?: string }): Promise<Device>
  constructor(options?: { handlerName?: string })
  readonly handlerName: string
  readonly loaded: boolean
  readonly recvRtpCapabilities: RtpCapabilities
  readonly sendRtpCapabilities: RtpCapabilities
  /** The old name of `recvRtpCapabilities`. */
  readonly rtpCapabilities: RtpCapabilities
  load(options: { routerRtpCapabilities: RtpCapabilities; preferLocalCodecsOrder?: boolean }): Promise<void>
  canProduce(kind: MediaKind): boolean
  createSendTransport(options: TransportOptions): Transport
  createRecvTransport(options: TransportOptions): Transport
}

export const version: string
