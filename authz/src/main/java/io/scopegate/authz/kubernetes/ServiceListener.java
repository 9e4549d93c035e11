package io.scopegate.authz.kubernetes;

/** Hears which servers a Service has. Called on any thread, one call at a time; must not block. */
public interface ServiceListener {
  /** These are all there are now. */
  void found(ServiceServers servers);

  /** Whether changes are told of from now on; what is known stays in any case. */
  void followed(boolean now);

  /**
   * It cannot be asked now; what is known stays.
   *
   * @param why in words
   */
  void failing(String why);
}
