package io.scopegate.gateway.http;

/**
 * What a request takes of a bound on its upstream connection. All calls on the event loop, each
 * once at most.
 */
public interface Slot {
  /**
   * An answer began.
   *
   * @param isBad whether it speaks against the server
   */
  void answered(boolean isBad);

  /** The request is over at the server, however that came. */
  void ended();
}
