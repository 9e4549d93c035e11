package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamConfig.Protocol;
import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.tls.UpstreamTlsConfig;

/** Checks of {@code tempo} and {@code upstreams}. */
final class UpstreamsChecks {
  private static final KeyPath TEMPO = KeyPath.of("tempo");
  private static final KeyPath UPSTREAMS = KeyPath.of("upstreams");

  private UpstreamsChecks() {}

  static void check(GatewayConfig config, Loaded<?> loaded) {
    if (config.tempo() != null && config.upstreams() != null) {
      loaded.problem(TEMPO, "a second source of upstreams", "either this or upstreams");
    }
    if (config.tempo() == null && config.upstreams() == null) {
      loaded.problem(
          loaded.isGiven(UPSTREAMS) ? UPSTREAMS : TEMPO,
          "missing",
          "tempo with distributor and queryFrontend, or upstreams");
    }
    if (config.upstreams() != null) {
      config.upstreams().forEach((name, it) -> check(UPSTREAMS.key(name), it, loaded));
    }
  }

  private static void checkGrpcUrl(KeyPath path, UpstreamConfig upstream, Loaded<?> loaded) {
    UpstreamUrl grpc = upstream.grpcUrl();
    if (grpc == null) {
      return;
    }
    if (grpc.tls() != upstream.url().tls()) {
      loaded.problem(path, grpc, "the scheme of url");
    }
    if (upstream.protocol() == Protocol.HTTP1) {
      loaded.problem(path, grpc, "a protocol other than http1, which has no gRPC");
    }
  }

  private static void check(KeyPath path, UpstreamConfig upstream, Loaded<?> loaded) {
    boolean tls = upstream.url().tls();
    if (upstream.protocol() == Protocol.H2 && !tls) {
      loaded.problem(path.key("protocol"), "h2", "h2c for an http URL");
    }
    if (upstream.protocol() == Protocol.H2C && tls) {
      loaded.problem(path.key("protocol"), "h2c", "h2 for an https URL");
    }
    checkGrpcUrl(path.key("grpcUrl"), upstream, loaded);
    UpstreamTlsConfig settings = upstream.tls();
    boolean any =
        settings.caFile() != null
            || settings.certificateFile() != null
            || settings.keyFile() != null
            || settings.serverName() != null
            || settings.insecureSkipVerify();
    if (any && !tls) {
      loaded.problem(path.key("tls"), "TLS for an http URL", "an https URL");
      return;
    }
    TlsChecks certificates = new TlsChecks(loaded);
    certificates.checkAuthorities(path.key("tls").key("caFile"), settings.caFile());
    certificates.checkIdentity(path.key("tls"), settings.certificateFile(), settings.keyFile());
  }
}
