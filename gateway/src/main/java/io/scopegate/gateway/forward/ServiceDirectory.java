package io.scopegate.gateway.forward;

import java.util.List;

/** Knows the servers of Services, and tells when they change; for any thread. */
@FunctionalInterface
public interface ServiceDirectory {
  /**
   * Begins to follow a Service; returns at once.
   *
   * @param listener hears of it until that is ended
   * @return ends it
   */
  Runnable follow(UpstreamService service, Listener listener);

  /**
   * A server.
   *
   * @param address an IP address
   * @param port 1 to 65535
   * @param isNear whether it is meant for the zone of this process
   */
  record Server(String address, int port, boolean isNear) {}

  /** Hears of a Service. Called on any thread, one call at a time; must not block. */
  interface Listener {
    /**
     * These are all there are now.
     *
     * @param whyNone why there are none; empty when there are some
     */
    void found(List<Server> servers, String whyNone);

    /**
     * Nobody can be asked now. What is known stays.
     *
     * @param why in words
     */
    void failing(String why);
  }
}
