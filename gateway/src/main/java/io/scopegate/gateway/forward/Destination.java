package io.scopegate.gateway.forward;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.Timeouts;
import org.jspecify.annotations.Nullable;

/** Where requests are forwarded to, as one event loop sees it. */
public interface Destination {
  /** The name in the configuration. */
  String name();

  /** How long it may take. */
  Timeouts timeouts();

  /** The scheme of the requests it gets. */
  AsciiString scheme();

  /**
   * Writes the request's path as it is known there.
   *
   * @param isGrpc whether it is a gRPC call, whose path is the same everywhere
   */
  void locate(Http2Headers head, boolean isGrpc);

  /**
   * The end of a new exchange with it: a real one, or one that waits to become one.
   *
   * @param tenant whose exchange it is; null for nobody's
   */
  StreamEnd open(boolean isGrpc, @Nullable TenantMemoryShare tenant);

  /** Whether reads without a body go by {@link #openHedged}. */
  default boolean hedges() {
    return false;
  }

  /**
   * The end of a new exchange for a read without a body, which a second server may get as well.
   *
   * @param key by {@link Affinity#key}
   */
  default StreamEnd openHedged(@Nullable TenantMemoryShare tenant, long key) {
    return open(false, tenant, key);
  }

  /** Which requests go to the same server. */
  default Affinity affinity() {
    return Affinity.NONE;
  }

  /**
   * As {@link #open(boolean, TenantMemoryShare)}, for requests that go together.
   *
   * @param key by {@link Affinity#key}
   */
  default StreamEnd open(boolean isGrpc, @Nullable TenantMemoryShare tenant, long key) {
    return open(isGrpc, tenant);
  }
}
