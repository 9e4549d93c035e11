package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How keys belong together: what no key can tell alone. */
final class ConfigChecks {
  private ConfigChecks() {}

  /** Adds what is wrong. */
  static void check(GatewayConfig config, Loaded<?> loaded) {
    UpstreamsChecks.check(config, loaded);
    ListenersChecks.check(config, loaded);
    AuthorizationChecks.check(config, loaded);
    ProxyModeChecks.check(config, loaded);
    TenancyChecks.check(config.tenancy(), loaded);
    IdentityChecks.check(config, loaded);
    LimitsChecks.check(config.limits(), loaded);
    checkKubeconfig(config, loaded);
    checkAudiences(config.authentication().kubernetes().audiences(), loaded);
    AuthenticationChecks.check(config.authentication(), loaded);
  }

  private static void checkAudiences(List<String> audiences, Loaded<?> loaded) {
    KeyPath path = KeyPath.of("authentication", "kubernetes", "audiences");
    for (int i = 0; i < audiences.size(); i++) {
      if (audiences.get(i).isBlank()) {
        loaded.problem(path.index(i), audiences.get(i), "an audience");
      }
    }
  }

  private static void checkKubeconfig(GatewayConfig config, Loaded<?> loaded) {
    Path kubeconfig = config.authentication().kubernetes().kubeconfig();
    if (kubeconfig != null && !(Files.isRegularFile(kubeconfig) && Files.isReadable(kubeconfig))) {
      loaded.problem(
          KeyPath.of("authentication", "kubernetes", "kubeconfig"),
          kubeconfig,
          "a file that can be read");
    }
  }
}
