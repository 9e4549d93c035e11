package io.scopegate.gateway.configuration;

import io.scopegate.config.Loaded;

/**
 * Checks that involve several keys. One class for each top-level key, in the order of the file, and
 * last the checks of the gateway as a whole.
 */
final class ConfigChecks {
  private ConfigChecks() {}

  /** Adds the problems that it finds. */
  static void check(GatewayConfig config, Loaded<?> loaded) {
    UpstreamsChecks.check(config, loaded);
    ListenersChecks.check(config, loaded);
    TlsChecks.check(config, loaded);
    AuthenticationChecks.check(config, loaded);
    AuthorizationChecks.check(config, loaded);
    TenancyChecks.check(config.tenancy(), loaded);
    LimitsChecks.check(config.limits(), loaded);
    ForwardingChecks.check(config, loaded);
    AdminChecks.check(config, loaded);
    LogChecks.check(config.log(), loaded);
    TracingChecks.check(config.tracing(), loaded);
    ProxyModeChecks.check(config, loaded);
    Warnings.check(config, loaded);
  }
}
