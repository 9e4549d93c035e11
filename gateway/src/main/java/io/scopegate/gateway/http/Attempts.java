package io.scopegate.gateway.http;

import io.scopegate.gateway.exchange.StreamEnd;

/**
 * Is told what becomes of the requests on an upstream's connections, and may send one again. All
 * calls on the event loop.
 */
public interface Attempts {
  /** What happened to a request before any answer of it was passed on. */
  enum Failure {
    /** A kept-alive connection closed at the moment of its reuse. */
    STALE,
    /** It was above the last stream of a GOAWAY: the server has not looked at it. */
    GOAWAY,
    /** The server refused the stream without looking at the request. */
    REFUSED,
    /** The connection was lost. */
    LOST,
    /** The server reset the stream, or sent what is not HTTP. */
    RESET,
    /** The server, or somebody behind it, answered that it cannot. */
    BAD_ANSWER,
    /** The server has said nothing for too long. */
    SILENT
  }

  /** The head of a request was written. */
  void sent();

  /** An answer began that says nothing against the server. */
  void answered();

  /** Something happened that may speak against the server. */
  void failed(Failure why);

  /**
   * Whether this request should be sent again; {@link #resend} must follow when it says so.
   *
   * @param client the client's end, whose answer has not begun
   */
  boolean mayResend(StreamEnd client, Failure why);

  /** Sends it again; the client's end has no other end now. */
  void resend(StreamEnd client, SentRequest request);
}
