package io.scopegate.gateway.exchange;

/** A connection of either side, as its event loop sees it. All calls on the event loop. */
public interface Connection {
  /** Flushes what was written in this turn. */
  void flushNow();

  /** Finishes what is running and accepts nothing new. */
  void drain();

  /**
   * Looks at the connection's timeouts.
   *
   * @param nowNanos the time, as of {@link LoopContext#nowNanos()}
   */
  void sweep(long nowNanos);
}
