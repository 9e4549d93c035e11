package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.route.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The last decision of one client connection. A header-compressed {@code authorization} comes back
 * as the same object, so a comparison by identity finds it. Used on the connection's event loop
 * only.
 */
public final class ConnectionDecisionCache {
  /** So long a decision stands without a look into the caches. */
  static final long MILLIS = 1000;

  private final DuplicateHeaderProbe duplicates = new DuplicateHeaderProbe();
  private final ConnectionIdentity peer;
  private final Object client;
  private @Nullable Access decider;
  private @Nullable CharSequence authorization;
  private @Nullable CharSequence tenant;
  private @Nullable Operation operation;
  private @Nullable AccessDecision verdict;
  private long untilMillis;

  /**
   * Of a connection.
   *
   * @param peer who the client is by its connection
   * @param client what is equal for all connections of one client, such as its address
   */
  public ConnectionDecisionCache(ConnectionIdentity peer, Object client) {
    this.peer = peer;
    this.client = client;
  }

  /** Of a connection that does not say who the client is. */
  public ConnectionDecisionCache() {
    this(ConnectionIdentity.NONE, "");
  }

  /** Who the client is by its connection. */
  ConnectionIdentity peer() {
    return peer;
  }

  /** What all connections of the client have in common. */
  Object client() {
    return client;
  }

  /** Whether nothing is remembered. */
  boolean isEmpty() {
    return verdict == null;
  }

  /** The decision that is remembered, whether or not it holds; null when there is none. */
  public @Nullable AccessDecision last() {
    return verdict;
  }

  /** Forgets. */
  void clear() {
    decider = null;
    authorization = null;
    tenant = null;
    operation = null;
    verdict = null;
  }

  /** Whether a request has two different values of a header. */
  boolean differs(Http2Headers head, CharSequence name) {
    return duplicates.differs(head, name);
  }

  /**
   * Remembers a decision about a request with one value of each header, or none.
   *
   * @param decider who decided: nobody else is told, as another configuration may be behind it
   */
  void remember(
      Access decider,
      Operation operation,
      @Nullable CharSequence authorization,
      @Nullable CharSequence tenant,
      AccessDecision verdict,
      long nowMillis) {
    this.decider = decider;
    this.operation = operation;
    this.authorization = authorization;
    this.tenant = tenant;
    this.verdict = verdict;
    this.untilMillis = Math.min(nowMillis + MILLIS, verdict.validUntilMillis());
  }

  /** The decision about the same request, if it was remembered and still holds. */
  @Nullable AccessDecision recall(
      Access decider,
      Operation operation,
      @Nullable CharSequence authorization,
      @Nullable CharSequence tenant,
      long nowMillis) {
    AccessDecision last = verdict;
    long left = untilMillis - nowMillis;
    // More than a second is left only when the clock was set back.
    boolean found =
        left > 0
            && left <= MILLIS
            && this.decider == decider
            && this.operation == operation
            && same(this.tenant, tenant)
            && same(this.authorization, authorization)
            && last != null
            && last.stands();
    if (!found) {
      return null;
    }
    // A header table forgets and learns again: the next requests bring these objects.
    this.tenant = tenant;
    this.authorization = authorization;
    return last;
  }

  private static boolean same(@Nullable CharSequence one, @Nullable CharSequence other) {
    if (one == other) {
      return true;
    }
    if (one == null || other == null || one.length() != other.length()) {
      return false;
    }
    // Two strings would otherwise be compared character by character.
    return one instanceof String text && other instanceof String otherText
        ? text.equals(otherText)
        : AsciiString.contentEquals(one, other);
  }
}
