package io.scopegate.gateway.traffic;

/**
 * How one upstream is doing.
 *
 * @param name its name
 * @param state what its last check said
 * @param connections open connections
 * @param retries requests that were sent again, a second
 * @param connectFailures failed connects, a second
 */
public record UpstreamTraffic(
    String name, State state, long connections, double retries, double connectFailures) {
  /** What a check says. */
  public enum State {
    /** It was reached. */
    UP,
    /** It was not. */
    DOWN,
    /** It was reached, and answers queries without a tenant. */
    OPEN,
    /** It was not checked. */
    UNKNOWN
  }
}
