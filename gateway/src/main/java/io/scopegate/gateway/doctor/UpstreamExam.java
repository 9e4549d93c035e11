package io.scopegate.gateway.doctor;

import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.probe.Finding;
import io.scopegate.gateway.probe.UpstreamChecks;
import io.scopegate.gateway.probe.UpstreamReport;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The upstreams: what their names resolve to, what they speak, and whether they know tenants. */
final class UpstreamExam {
  private static final int MOST_ADDRESSES = 5;

  private final Vertx vertx;
  private final GatewayConfig config;
  private final Duration timeout;

  UpstreamExam(Vertx vertx, GatewayConfig config, Duration timeout) {
    this.vertx = vertx;
    this.config = config;
    this.timeout = timeout;
  }

  List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    config
        .effectiveUpstreams()
        .forEach((name, upstream) -> {
          if (upstream.sources().isEmpty()) {
            resolve(name, upstream, findings);
          }
        });
    try (FoundServers servers = new FoundServers(vertx, config, timeout)) {
      for (UpstreamReport report :
          UpstreamChecks.once(
                  vertx, config.effectiveUpstreams(), config.listeners(), servers, timeout)
              .toCompletionStage()
              .toCompletableFuture()
              .join()) {
        findings.addAll(report.findings());
      }
    }
    return findings;
  }

  /** A name that does not resolve is told by the check itself. */
  private static void resolve(String name, UpstreamConfig upstream, List<Finding> findings) {
    String host = upstream.url().host();
    try {
      InetAddress[] all = InetAddress.getAllByName(host);
      String shown =
          Arrays.stream(all)
              .limit(MOST_ADDRESSES)
              .map(InetAddress::getHostAddress)
              .collect(Collectors.joining(", "));
      String more = all.length > MOST_ADDRESSES ? " and " + (all.length - MOST_ADDRESSES) : "";
      if (!host.equals(shown)) {
        findings.add(Finding.ok("upstreams." + name, host + " resolves to " + shown + more));
      }
    } catch (UnknownHostException e) {
      // told below
    }
  }
}
