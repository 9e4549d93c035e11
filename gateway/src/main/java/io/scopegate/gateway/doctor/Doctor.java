package io.scopegate.gateway.doctor;

import io.scopegate.config.Secret;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.forward.Causes;
import io.scopegate.gateway.limit.LimitStore;
import io.scopegate.gateway.limit.StoreConfig;
import io.scopegate.gateway.probe.Finding;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks everything that a gateway with a configuration depends on, once and in this process: it
 * opens no port, forwards nothing, and changes nothing. It blocks, for a few times the timeout.
 */
public final class Doctor {
  private final LoadedConfig loaded;
  private final GatewayConfig config;
  private final Caller caller;
  private final Duration timeout;

  /**
   * Whose rights are looked at.
   *
   * @param tenant the tenant header; null for none
   * @param token the token; null when no caller is looked at
   */
  public record Caller(@Nullable String tenant, @Nullable Secret token) {
    /** Nobody. */
    public static final Caller NOBODY = new Caller(null, null);
  }

  private Doctor(LoadedConfig loaded, Caller caller, Duration timeout) {
    this.loaded = loaded;
    this.config = loaded.config();
    this.caller = caller;
    this.timeout = timeout;
  }

  /**
   * Examines.
   *
   * @param loaded a valid configuration
   * @param timeout of each question
   * @return what was found, in the order in which a request needs it
   */
  public static List<Finding> examine(LoadedConfig loaded, Caller caller, Duration timeout) {
    return new Doctor(loaded, caller, timeout).examine();
  }

  private List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    loaded
        .warnings()
        .forEach(warning ->
            findings.add(
                Finding.warning(
                    warning.path().toString(), warning.value(), "write " + warning.expected())));
    findings.addAll(new CertificateExam(config, InstantSource.system()).examine());
    findings.addAll(new ApiServerExam(config, timeout, InstantSource.system()).examine());
    findings.addAll(new IssuerExam(config.authentication().oidc(), timeout).examine());
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      findings.addAll(new UpstreamExam(vertx, config, timeout).examine());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
    store(config.limits().store(), findings);
    findings.addAll(new OtlpExam(config, timeout).examine());
    findings.addAll(new CallerExam(config, caller, timeout).examine());
    return findings;
  }

  private static String cause(IOException failure) {
    for (Throwable at = failure.getCause(); at != null; at = at.getCause()) {
      String text = String.valueOf(at.getMessage());
      if (text.contains("WRONGPASS") || text.contains("NOAUTH")) {
        return "it refuses the password";
      }
      if (text.contains("NOPERM")) {
        return "its user may not run scripts (EVAL)";
      }
    }
    return Causes.of(failure, "of limits.store.url", "2s");
  }

  private static void store(StoreConfig store, List<Finding> findings) {
    if (store.type() == StoreConfig.Type.LOCAL) {
      return;
    }
    try {
      String where = LimitStore.ping(store);
      findings.add(Finding.ok("limits.store", where + " answers and runs scripts"));
    } catch (IOException e) {
      findings.add(
          Finding.error(
              "limits.store",
              e.getMessage() + ": " + cause(e),
              "check limits.store.url, the password and network policies; until it answers, each"
                  + " replica applies its part of the limits"));
    }
  }
}
