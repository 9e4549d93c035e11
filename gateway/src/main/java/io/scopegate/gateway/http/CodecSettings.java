package io.scopegate.gateway.http;

import io.scopegate.gateway.exchange.Exchange;

/**
 * What a connection may cost.
 *
 * @param maxHeaderBytes the largest request line and headers, or response headers
 * @param maxStreams concurrent streams that a client may open on one HTTP/2 connection
 * @param headerTimeoutNanos from the first byte of a head to its end; 0 for never
 * @param bodyTimeoutNanos the longest pause in a request's body; 0 for never
 * @param idleTimeoutNanos how long a connection without a request stays open; 0 for ever
 * @param maxAgeNanos when a connection is asked to go and come again; 0 for never
 * @param http2 whether an HTTP/1.1 connection may become one of HTTP/2
 */
public record CodecSettings(
    int maxHeaderBytes,
    int maxStreams,
    long headerTimeoutNanos,
    long bodyTimeoutNanos,
    long idleTimeoutNanos,
    long maxAgeNanos,
    boolean http2) {

  /** What a client may send ahead on one stream, also while it is not decided yet. */
  static final int CLIENT_STREAM_WINDOW = 64 << 10;

  /** The same while calls of the connection are refused one after the other. */
  static final int NARROW_STREAM_WINDOW = 2 << 10;

  /** When it is widened again, after the last of them. */
  static final long NARROW_NANOS = 5_000_000_000L;

  /** What a request must have sent to get a wider window; small ones need not pay for it. */
  static final int WIDEN_AFTER = 32 << 10;

  /** By how much its window is widened then. */
  static final int WIDEN_BY = 192 << 10;

  /** What an upstream may send ahead on one stream: more lets stalled readers starve the others. */
  static final int UPSTREAM_STREAM_WINDOW = 64 << 10;

  /** What all streams of a connection may send ahead together. */
  static final int CONNECTION_WINDOW = 64 << 20;

  /** What may be read ahead of the other end over HTTP/1.1. */
  static final int HTTP1_AHEAD = 128 << 10;

  /** What of a refused request's body is read, so that the client gets to read the answer. */
  static final int DRAIN_BYTES = 256 << 10;

  /**
   * The same over HTTP/2, where the answer arrives whatever else is sent: before the client gets
   * more credit it is told that the rest is unwanted.
   */
  static final int DRAIN_STREAM_BYTES = CLIENT_STREAM_WINDOW / 2 - 1;

  /** For how long it is read. */
  static final long DRAIN_MILLIS = Exchange.LINGER_MILLIS;

  /** Resets a client may send in {@link #RESET_WINDOW_SECONDS}; a healthy one may cancel 1,000. */
  static final int MAX_RESETS = 3_000;

  static final int RESET_WINDOW_SECONDS = 30;

  /** Answers to control frames that may wait for a client that does not read them. */
  static final int MAX_QUEUED_CONTROL_FRAMES = 10_000;

  /** Silence after which a client with streams is asked whether it lives. */
  static final long CLIENT_KEEP_ALIVE_NANOS = 30_000_000_000L;

  /** The same for an upstream: gRPC servers take more than a PING in five minutes for abuse. */
  static final long UPSTREAM_KEEP_ALIVE_NANOS = 310_000_000_000L;

  /** How long a complete answer may wait without a byte of it being taken by its client. */
  static final long UNREAD_ANSWER_NANOS = 10_000_000_000L;

  /** How long a client that is asked to go may take to say that it has heard. */
  static final long DRAIN_ACK_NANOS = 2_000_000_000L;

  /** How long that question may stay unanswered. */
  static final long KEEP_ALIVE_TIMEOUT_NANOS = 20_000_000_000L;
}
