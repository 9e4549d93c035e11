package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.importing.KubeRbacProxy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code scopegate serve}. */
@Command(
    name = "serve",
    description = {
      "Run the gateway until SIGTERM; SIGHUP reloads its configuration.",
      "Also accepts the flags of kube-rbac-proxy instead of a file."
    },
    footerHeading = "%nFlags of kube-rbac-proxy, instead of --config:%n",
    footer = {
      "  --upstream --secure-listen-address --insecure-listen-address",
      "  --proxy-endpoints-port --config-file --allow-paths --ignore-paths",
      "  --kubeconfig --auth-token-audiences --tls-cert-file --tls-private-key-file",
      "  --tls-min-version --tls-cipher-suites --tls-reload-interval",
      "  --client-ca-file --upstream-ca-file --upstream-client-cert-file",
      "  --upstream-client-key-file --upstream-force-h2c",
      "  --auth-header-fields-enabled --auth-header-user-field-name",
      "  --auth-header-groups-field-name --auth-header-groups-field-separator",
      "  --oidc-issuer --oidc-clientID --oidc-ca-file --oidc-username-claim",
      "  --oidc-username-prefix --oidc-groups-claim --oidc-groups-prefix",
      "  --oidc-sign-alg --http2-disable --http2-max-concurrent-streams",
      "  --http2-max-size --kube-api-qps --kube-api-burst --v",
      "`scopegate import kube-rbac-proxy` prints the configuration that they stand for."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ServeCommand implements Callable<Integer> {
  private final ToIntFunction<LoadedConfig> gateway;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration file.")
  private @Nullable Path file;

  @Unmatched private List<String> flags = new ArrayList<>();
  @Spec private CommandSpec spec;

  /**
   * A command that serves with this.
   *
   * @param gateway serves a valid configuration and returns the exit code when it has ended
   */
  ServeCommand(ToIntFunction<LoadedConfig> gateway) {
    this.gateway = gateway;
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Path named = file == null ? byItself() : file;
    LoadedConfig loaded = named == null ? byFlags(err) : PlainServe.load(byFile(named), err);
    return loaded.isValid() ? gateway.applyAsInt(loaded) : Main.WRONG;
  }

  /** The file without --config; null when something else was given. */
  private @Nullable Path byItself() {
    return flags.size() == 1 && !flags.get(0).startsWith("-") ? Path.of(flags.remove(0)) : null;
  }

  private Path byFile(Path given) {
    if (!flags.isEmpty()) {
      throw new UnmatchedArgumentException(spec.commandLine(), flags);
    }
    return given;
  }

  private LoadedConfig byFlags(PrintWriter err) {
    if (flags.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Missing required option: '--config=FILE', or the flags of kube-rbac-proxy");
    }
    try {
      KubeRbacProxy proxy = KubeRbacProxy.of(flags);
      proxy.notes().forEach(note -> err.println("note: " + note));
      return PlainServe.shown(proxy.load(), err);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
