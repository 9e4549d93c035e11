package io.scopegate.gateway.cli;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.kubernetes.ApiProbe;
import io.scopegate.authz.kubernetes.ClusterAccessException;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.limit.LimitsConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a gateway that has started is: a line for each thing that people ask first. */
final class StartSummary {
  private StartSummary() {}

  /** The lines. Reads the kubeconfig, and asks nobody. */
  static List<String> of(GatewayConfig config) {
    List<String> lines = new ArrayList<>();
    lines.add(identity(config));
    config.listeners().forEach((name, listener) -> lines.add(listener(name, listener)));
    config.effectiveUpstreams().forEach((name, upstream) -> lines.add(upstream(name, upstream)));
    lines.add(limits(config.limits()));
    return lines;
  }

  private static String identity(GatewayConfig config) {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    StringBuilder line = new StringBuilder("callers: kubernetes.mode ");
    line.append(text(kubernetes.mode()));
    line.append(", mapping ").append(text(config.authorization().mapping()));
    if (kubernetes.mode() != KubernetesConfig.Mode.OFF) {
      line.append(", API server ").append(apiServer(kubernetes));
    }
    config.authentication().otherSources().forEach(source -> line.append(", ").append(source));
    int rules = config.authorization().staticRules().size();
    return rules == 0 ? line.toString() : line.append(", static rules ").append(rules).toString();
  }

  private static String apiServer(KubernetesConfig kubernetes) {
    try (ApiProbe api = ApiProbe.open(kubernetes, Duration.ofSeconds(1))) {
      String account = api.account();
      return api.server() + (account.isEmpty() ? "" : " as " + account);
    } catch (ClusterAccessException e) {
      return "unknown";
    }
  }

  private static String listener(String name, ListenerConfig listener) {
    String tls =
        switch (listener.tls().mode()) {
          case DISABLED -> "clear text";
          case REQUIRED -> "TLS";
          case OPTIONAL -> "TLS and clear text";
        };
    String clients =
        listener.tls().mode() != TlsConfig.Mode.DISABLED && listener.tls().clientCaFile() != null
            ? " with client certificates"
            : "";
    String routes =
        listener.effectiveRoutes().stream()
            .map(route ->
                route.serves().stream().map(Protocol::label).collect(Collectors.joining(", "))
                    + " to "
                    + route.upstream())
            .collect(Collectors.joining("; "));
    return "listeners."
        + name
        + ": "
        + listener.address()
        + ", "
        + tls
        + clients
        + (routes.isEmpty() ? "" : ", " + routes);
  }

  private static String upstream(String name, UpstreamConfig upstream) {
    return "upstreams."
        + name
        + ": "
        + upstream.url()
        + ", "
        + text(upstream.protocol())
        + (upstream.grpcUrl() == null ? "" : ", gRPC at " + upstream.grpcUrl());
  }

  private static String limits(LimitsConfig limits) {
    List<String> sources = new ArrayList<>();
    if (limits.tempoOverridesFile() != null) {
      sources.add("Tempo's overrides in " + limits.tempoOverridesFile());
    }
    if (!limits.tenants().isEmpty()) {
      sources.add("tenants with limits of their own " + limits.tenants().size());
    }
    sources.add("store " + text(limits.store().type()));
    return "limits: " + String.join(", ", sources);
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
