package io.scopegate.gateway;

import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.exchange.HeapShares;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says at the start which ceilings of a configuration the memory of this process cannot hold. */
final class MemoryPromises {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryPromises.class);

  private MemoryPromises() {}

  /** Warns of each; nothing else changes. */
  static void check(GatewayConfig config) {
    HeapShares.ofThisProcess()
        .brokenPromises(ceilings(config), HeapShares.directBytes(), HeapShares.memoryBytes())
        .forEach(broken -> LOG.warn("memory: {}", broken));
  }

  private static HeapShares.Ceilings ceilings(GatewayConfig config) {
    long connections =
        config.listeners().values().stream()
            .mapToLong(listener -> listener.clients().maxConnections())
            .sum();
    return new HeapShares.Ceilings(
        config.forwarding().maxBytesInFlight().bytes(),
        config.forwarding().maxRequestsInFlight(),
        connections,
        config.authorization().decisionCache().maxEntries()
            + config.authentication().kubernetes().tokenCache().maxEntries());
  }
}
