package io.scopegate.testkit;

import java.time.Duration;

/**
 * One way to misbehave.
 *
 * @param type what goes wrong
 * @param delay how long to wait first; for {@link Type#THROTTLED} what {@code Retry-After} says
 * @param status the HTTP or gRPC status to answer with, where the type answers
 * @param after how many bytes (HTTP) or messages (gRPC) pass before it happens
 * @param text the body or status message
 */
public record Fault(Type type, Duration delay, int status, long after, String text) {
  private static final int TOO_MANY_REQUESTS = 429;

  /** What goes wrong. */
  public enum Type {
    /** Nothing: the request is served. */
    NONE,
    /** The request is served, later. */
    SLOW,
    /** An HTTP status instead of an answer. */
    STATUS,
    /** A gRPC status, trailers only, instead of an answer. */
    GRPC_STATUS,
    /** 429 with {@code Retry-After}. */
    THROTTLED,
    /** The request is read and never answered. */
    HANG,
    /** The request is not even read, until the faults are cleared; then it is served. */
    STOP_READING,
    /** The stream (HTTP/2) or connection (HTTP/1.1) is torn down instead of an answer. */
    RESET,
    /** The stream or connection is torn down in the middle of the answer. */
    RESET_AFTER,
    /** 200 with a body that is no JSON and no protobuf. */
    GARBAGE,
    /** GOAWAY first (HTTP/2), then the request is served. */
    GOAWAY
  }

  /** Serves as usual. */
  public static Fault none() {
    return of(Type.NONE);
  }

  /** Serves after a delay. */
  public static Fault slow(Duration delay) {
    return new Fault(Type.SLOW, delay, 0, 0, "");
  }

  /** Answers with an HTTP status. */
  public static Fault status(int status) {
    return new Fault(Type.STATUS, Duration.ZERO, status, 0, "told to fail");
  }

  /** Answers with a gRPC status, as trailers only. */
  public static Fault grpcStatus(int code, String message) {
    return new Fault(Type.GRPC_STATUS, Duration.ZERO, code, 0, message);
  }

  /** Answers 429 and how long to wait, in whole seconds. */
  public static Fault throttled(Duration retryAfter) {
    return new Fault(Type.THROTTLED, retryAfter, TOO_MANY_REQUESTS, 0, "too many requests");
  }

  /** Never answers. */
  public static Fault hang() {
    return of(Type.HANG);
  }

  /** Does not read the body until {@link Faults#clear()}. */
  public static Fault stopReading() {
    return of(Type.STOP_READING);
  }

  /** Tears the stream or connection down. */
  public static Fault reset() {
    return of(Type.RESET);
  }

  /**
   * Tears the stream or connection down in the middle of the answer.
   *
   * @param after how many bytes of an HTTP body, or messages of a gRPC stream, go out before
   */
  public static Fault resetAfter(long after) {
    return new Fault(Type.RESET_AFTER, Duration.ZERO, 0, after, "");
  }

  /** Answers 200 with nonsense. */
  public static Fault garbage() {
    return new Fault(Type.GARBAGE, Duration.ZERO, 200, 0, "\u0001{garbage");
  }

  /** Says GOAWAY and then serves. */
  public static Fault goAway() {
    return of(Type.GOAWAY);
  }

  private static Fault of(Type type) {
    return new Fault(type, Duration.ZERO, 0, 0, "");
  }
}
