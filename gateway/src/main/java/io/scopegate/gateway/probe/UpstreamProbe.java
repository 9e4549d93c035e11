package io.scopegate.gateway.probe;

import io.scopegate.config.DurationText;
import io.scopegate.gateway.forward.Causes;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.route.Protocol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks one upstream whether it is there, whether it speaks what is forwarded to it, and, if it is
 * queried, whether it is multi-tenant. It sends no tenant, no credential and no data: one GET, and
 * one call of gRPC's health service.
 */
final class UpstreamProbe {
  /** The names that every trace has: the cheapest query that there is. */
  private static final String QUERY = "/api/v2/search/tags?scope=intrinsic";

  private static final String NO_TENANT = "no org id";

  /** Of a long list the first are asked. */
  private static final int MOST_SERVERS = 16;

  private final Vertx vertx;
  private final String name;
  private final UpstreamUse use;
  private final @Nullable UpstreamUrl server;
  private final Duration timeout;
  private final List<Finding> findings = new ArrayList<>();
  private boolean up = true;
  private @Nullable Boolean multitenant;

  private UpstreamProbe(
      Vertx vertx, String name, UpstreamUse use, @Nullable UpstreamUrl server, Duration timeout) {
    this.vertx = vertx;
    this.name = name;
    this.use = use;
    this.server = server;
    this.timeout = timeout;
  }

  /**
   * Asks, each server where several are listed or found; the future never fails, and completes
   * within a few times the timeout.
   */
  static Future<UpstreamReport> ask(
      Vertx vertx, String name, UpstreamUse use, ServerFinder finder, Duration timeout) {
    return !use.config().isFound()
        ? ask(vertx, name, use, timeout)
        : finder
            .find(name, use.config())
            .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .compose(servers ->
                ask(
                    vertx,
                    name,
                    new UpstreamUse(use.config().found(servers), use.serves()),
                    timeout))
            .otherwise(e -> noServer(name, use.config(), e, timeout));
  }

  private static UpstreamReport noServer(
      String name, UpstreamConfig config, Throwable e, Duration timeout) {
    String source = config.sources().get(0);
    String why =
        e instanceof TimeoutException
            ? "nothing was found within " + DurationText.format(timeout)
            : String.valueOf(e.getMessage());
    return new UpstreamReport(
        name,
        false,
        null,
        List.of(
            Finding.warning(
                "upstreams." + name,
                source + " names no server: " + why,
                "check upstreams." + name + "." + source)));
  }

  private static Future<UpstreamReport> ask(
      Vertx vertx, String name, UpstreamUse use, Duration timeout) {
    List<UpstreamUrl> servers = use.config().servers();
    if (servers.isEmpty()) {
      return new UpstreamProbe(vertx, name, use, null, timeout).run();
    }
    List<Future<UpstreamReport>> asked =
        servers.stream()
            .limit(MOST_SERVERS)
            .map(server -> new UpstreamProbe(vertx, name, use, server, timeout).run())
            .toList();
    return Future.join(asked)
        .map(done -> UpstreamReport.ofServers(name, asked.stream().map(Future::result).toList()));
  }

  private Future<UpstreamReport> run() {
    UpstreamUrl url = url(false);
    Future<Boolean> requests =
        use.takesRequests() ? askRequests(url) : Future.succeededFuture(true);
    return requests
        .compose(reached ->
            use.takesCalls() && (reached || config().grpcUrl() != null)
                ? askCalls(url(true))
                : Future.succeededFuture(reached))
        .map(done -> new UpstreamReport(name, up, multitenant, findings));
  }

  private UpstreamUrl url(boolean grpc) {
    UpstreamUrl listed = server;
    return listed != null ? listed : config().url(grpc);
  }

  private UpstreamConfig config() {
    return use.config();
  }

  private String key() {
    return "upstreams." + name;
  }

  // ---- HTTP

  private Future<Boolean> askRequests(UpstreamUrl url) {
    boolean http2 =
        switch (config().protocol()) {
          case H2, H2C -> true;
          case HTTP1, AUTO -> false;
        };
    String prefix = config().pathPrefix() == null ? "" : config().pathPrefix().text();
    String path = prefix + (use.isQueried() ? QUERY : "/");
    return client(url)
        .get(path, http2)
        .map(answer -> {
          answered(url, path, answer);
          return true;
        })
        .recover(e -> {
          failed(url, e, http2 ? "HTTP/2" : "HTTP/1.1", requestRemedy(http2));
          return Future.succeededFuture(!Causes.isAway(e) && !Causes.isTls(e));
        });
  }

  private static String requestRemedy(boolean http2) {
    return http2 ? "set protocol: auto or http1 if it speaks HTTP/1.1" : "check scheme and port";
  }

  private void answered(UpstreamUrl url, String path, ProbeClient.Answer answer) {
    if (answer.status() == 400 && answer.body().contains("HTTPS server")) {
      up = false;
      findings.add(
          Finding.error(key(), url + " expects TLS", "write https:// in the URL of this upstream"));
    } else if (use.isQueried()) {
      queried(url, path, answer);
    } else {
      findings.add(Finding.ok(key(), url + " answers"));
    }
  }

  private void queried(UpstreamUrl url, String path, ProbeClient.Answer answer) {
    int status = answer.status();
    if (status == 401 || status == 400 && answer.body().contains(NO_TENANT)) {
      multitenant = true;
      findings.add(Finding.ok(key(), url + " answers queries, and only with a tenant"));
    } else if (status / 100 == 2) {
      multitenant = false;
      findings.add(
          Finding.error(
              key(),
              url
                  + " answers a query without a tenant: everybody who may read one tenant can read"
                  + " all traces",
              "set multitenancy_enabled: true in Tempo"));
    } else if (status == 404) {
      up = false;
      findings.add(
          Finding.warning(
              key(),
              url + " answers 404 to " + path + ", so it is not Tempo's query API",
              "check the port, and upstreams." + name + ".pathPrefix (Tempo's http_api_prefix)"));
    } else {
      findings.add(
          Finding.warning(
              key(),
              url
                  + " answers "
                  + status
                  + " to a query, so it is not known whether it is"
                  + " multi-tenant",
              "check that Tempo is ready"));
    }
  }

  // ---- gRPC

  private Future<Boolean> askCalls(UpstreamUrl url) {
    if (config().protocol() == UpstreamConfig.Protocol.HTTP1 && config().grpcUrl() == null) {
      up = false;
      findings.add(
          Finding.warning(
              key(), "protocol: http1 has no gRPC, so calls fail", "set protocol: auto"));
      return Future.succeededFuture(true);
    }
    return client(url)
        .call()
        .map(answer -> {
          if (answer.isGrpc()) {
            findings.add(Finding.ok(key(), url + " speaks gRPC"));
          } else {
            up = false;
            findings.add(Finding.warning(key(), url + " does not speak gRPC", callRemedy()));
          }
          return true;
        })
        .recover(e -> {
          failed(url, e, "gRPC", callRemedy());
          return Future.succeededFuture(true);
        });
  }

  private String callRemedy() {
    String byUrl = "upstreams." + name + ".grpcUrl";
    if (use.isQueried()) {
      return "set stream_over_http_enabled: true in Tempo, or "
          + byUrl
          + " to its gRPC port (9095)";
    }
    return use.serves().contains(Protocol.OTLP_GRPC)
        ? "check that this is the port of Tempo's OTLP/gRPC receiver (4317)"
        : "check the port";
  }

  // ---- both

  private void failed(UpstreamUrl url, Throwable failure, String spoken, String remedy) {
    up = false;
    String cause = Causes.of(failure, url.host(), DurationText.format(timeout));
    if (Causes.isAway(failure)) {
      findings.add(
          Finding.warning(
              key(), url + " is unreachable: " + cause, "check host, port and network policies"));
    } else if (Causes.isTls(failure)) {
      findings.add(
          Finding.warning(
              key(),
              url + " cannot be used: " + cause,
              "check url and upstreams." + name + ".tls"));
    } else {
      findings.add(
          Finding.warning(key(), url + " does not speak " + spoken + ": " + cause, remedy));
    }
  }

  private ProbeClient client(UpstreamUrl url) {
    return new ProbeClient(vertx, url, config().url().host(), config().tls(), timeout);
  }
}
