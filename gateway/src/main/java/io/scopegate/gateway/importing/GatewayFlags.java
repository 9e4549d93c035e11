package io.scopegate.gateway.importing;

import io.scopegate.config.HostPort;
import io.scopegate.gateway.forward.UpstreamUrl;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The flags that the Observatorium API was started with, as far as they are about traces. Values of
 * other flags are never shown.
 */
final class GatewayFlags {
  static final String OTLP_GRPC = "traces.write.otlpgrpc.endpoint";
  static final String OTLP_HTTP = "traces.write.otlphttp.endpoint";
  static final String TEMPO = "traces.tempo.endpoint";
  static final String TENANT_HEADER = "traces.tenant-header";
  static final String UPSTREAM_CA = "traces.tls.ca-file";
  static final String UPSTREAM_CERTIFICATE = "traces.tls.cert-file";
  static final String UPSTREAM_KEY = "traces.tls.key-file";
  static final String CERTIFICATE = "tls.server.cert-file";
  static final String KEY = "tls.server.key-file";
  static final String MIN_VERSION = "tls.min-version";
  static final String LISTEN = "web.listen";
  static final String GRPC_LISTEN = "grpc.listen";
  static final String INTERNAL_LISTEN = "web.internal.listen";

  private static final Set<String> CARRIED =
      Set.of(
          OTLP_GRPC,
          OTLP_HTTP,
          TEMPO,
          TENANT_HEADER,
          UPSTREAM_CA,
          UPSTREAM_CERTIFICATE,
          UPSTREAM_KEY,
          CERTIFICATE,
          KEY,
          MIN_VERSION,
          LISTEN,
          GRPC_LISTEN,
          INTERNAL_LISTEN);

  /** Configured differently here, or of no use. */
  private static final Map<String, String> KNOWN =
      Map.of(
          "tenants.config", "",
          "rbac.config", "",
          "traces.tls.watch-certs", "",
          "tls.reload-interval", "",
          "traces.read.endpoint", "Jaeger's user interface and query API are not served.",
          "experimental.traces.read.endpoint-template",
              "Jaeger's user interface and query API are not served.",
          "traces.query-rbac",
              "answers are not filtered by namespace: every reader of a tenant sees all of it.",
          "traces.write-timeout", "see upstreams.NAME.timeouts.",
          "log.level", "see log.level.",
          "tls.client-auth-type", "see tls.clientCaFile.");

  private static final Set<String> SWITCHES =
      Set.of(
          "traces.query-rbac",
          "traces.tls.watch-certs",
          "logs.tls.watch-certs",
          "logs.rules.read-only",
          "metrics.tls.watch-certs",
          "probes.tls.watch-certs");

  private final Map<String, String> values = new HashMap<>();

  private GatewayFlags() {}

  /**
   * Reads a command line as Go does.
   *
   * @throws IllegalArgumentException when one of them makes no sense
   */
  static GatewayFlags parse(List<String> arguments, Notes notes) {
    GatewayFlags flags = new GatewayFlags();
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      if (!argument.matches("--?[A-Za-z][A-Za-z0-9.-]*(=(?s:.*))?")) {
        throw new IllegalArgumentException("flags: an argument (expected: --name=value)");
      }
      flags.take(argument.replaceFirst("--?", ""), rest, notes);
    }
    flags.check();
    return flags;
  }

  private void take(String argument, Iterator<String> rest, Notes notes) {
    int equals = argument.indexOf('=');
    String name = equals < 0 ? argument : argument.substring(0, equals);
    String value = "true";
    if (equals >= 0) {
      value = argument.substring(equals + 1);
    } else if (!SWITCHES.contains(name)) {
      if (!rest.hasNext()) {
        throw new IllegalArgumentException("--" + name + ": nothing (expected: a value)");
      }
      value = rest.next();
    }
    if (CARRIED.contains(name)) {
      values.put(name, value);
    } else {
      String note = KNOWN.getOrDefault(name, "not migrated.");
      if (!note.isEmpty() && !value.equals("false")) {
        notes.add("--" + name + ": " + note);
      }
    }
  }

  private void check() {
    for (String name : List.of(LISTEN, GRPC_LISTEN, INTERNAL_LISTEN)) {
      address(name, 1);
    }
    for (String name : List.of(OTLP_GRPC, OTLP_HTTP, TEMPO)) {
      upstream(name);
    }
    if (values.containsKey(CERTIFICATE) != values.containsKey(KEY)) {
      throw new IllegalArgumentException(
          "--" + CERTIFICATE + " without --" + KEY + ", or the other way round (expected: both)");
    }
  }

  /** Whether any of them names an upstream. */
  boolean saysWhereTempoIs() {
    return Stream.of(OTLP_GRPC, OTLP_HTTP, TEMPO).anyMatch(name -> get(name).isPresent());
  }

  /** A flag's value, when it is given and not empty. */
  Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
  }

  /** Where it listened; Go leaves the host out for all of them. */
  HostPort address(String name, int port) {
    String text = get(name).orElse(":" + port);
    return parsed(name, () -> HostPort.parse(text.startsWith(":") ? "0.0.0.0" + text : text));
  }

  /** Where traces went. */
  Optional<UpstreamUrl> upstream(String name) {
    String scheme = get(UPSTREAM_CA).isPresent() ? "https://" : "http://";
    return get(name)
        .map(text -> name.equals(OTLP_GRPC) ? scheme + text : text)
        .map(url -> parsed(name, () -> UpstreamUrl.parse(url)));
  }

  private static <T> T parsed(String name, Supplier<T> parse) {
    try {
      return parse.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--" + name + ": " + e.getMessage(), e);
    }
  }
}
