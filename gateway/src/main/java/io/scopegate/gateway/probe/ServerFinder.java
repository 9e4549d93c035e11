package io.scopegate.gateway.probe;

import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamPlace;
import io.vertx.core.Future;
import java.util.List;

/** Finds the servers of an upstream whose URL does not say where they are. */
public interface ServerFinder {
  /**
   * Finds those that there are now.
   *
   * @param config one with {@link UpstreamConfig#isFound()}
   * @return completes with one server at least; fails, in words, when none is found
   */
  Future<List<UpstreamPlace>> find(String upstream, UpstreamConfig config);
}
