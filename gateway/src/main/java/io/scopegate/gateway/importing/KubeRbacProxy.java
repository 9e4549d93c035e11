package io.scopegate.gateway.importing;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.Loaded;
import io.scopegate.config.Problem;
import io.scopegate.gateway.configuration.LoadedConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A kube-rbac-proxy as its flags and its file describe it, and the equivalent configuration of
 * Scopegate. Serving with the flags serves that configuration.
 */
public final class KubeRbacProxy {
  /** The name of the configuration in problems; it was never a file. */
  private static final String NAME = "flags";

  private static final Set<String> FILES =
      Set.of(
          "client-ca-file",
          "kubeconfig",
          "oidc-ca-file",
          "tls-cert-file",
          "tls-private-key-file",
          "upstream-ca-file",
          "upstream-client-cert-file",
          "upstream-client-key-file");

  private final KubeRbacProxyFlags flags;

  private KubeRbacProxy(KubeRbacProxyFlags flags) {
    this.flags = flags;
  }

  /**
   * Reads the flags.
   *
   * @throws IllegalArgumentException when they are no command line of kube-rbac-proxy, or one that
   *     cannot be served
   */
  public static KubeRbacProxy of(List<String> arguments) {
    KubeRbacProxyFlags flags = KubeRbacProxyFlags.parse(arguments);
    KubeRbacProxyFlagChecks.check(flags);
    return new KubeRbacProxy(flags);
  }

  /**
   * Reads the flags of a container's manifest, in which variables of the Pod may stand.
   *
   * @throws IllegalArgumentException as in {@link #of}
   */
  static KubeRbacProxy ofManifest(List<String> arguments) {
    return of(PodVariables.hidden(arguments));
  }

  /**
   * The same configuration without what other files say: certificates, keys and the kubeconfig are
   * mostly on another machine. What is wrong with it is wrong with the flags.
   */
  LoadedConfig loadWithoutFiles() {
    Loaded<KubeRbacProxyFile> file = file();
    String yaml = new KubeRbacProxyDraft(flags.without(FILES), file).yaml();
    return LoadedConfig.written(NAME, yaml, file.problems(), followed(), this::loadWithoutFiles);
  }

  /** The configuration with the current content of the file; problems of the file are included. */
  public LoadedConfig load() {
    Loaded<KubeRbacProxyFile> file = file();
    KubeRbacProxyDraft draft = new KubeRbacProxyDraft(flags, file);
    String yaml = draft.yaml();
    return LoadedConfig.written(NAME, yaml, file.problems(), followed(), this::load);
  }

  /** The configuration as YAML, with a comment for each difference. */
  public String yaml() {
    return PodVariables.shown(new KubeRbacProxyDraft(flags, file()).yaml());
  }

  /** What differs, one sentence each. */
  public List<String> notes() {
    return new KubeRbacProxyDraft(flags, file()).notes();
  }

  /** A problem without its place, when that is one in a text that nobody sees. */
  static String shown(Problem problem) {
    return problem.file().equals(NAME)
        ? "from these flags: "
            + problem.path()
            + ": "
            + problem.value()
            + " (expected: "
            + problem.expected()
            + ")"
        : problem.toString();
  }

  private List<Path> followed() {
    return flags.isGiven("config-file") ? List.of(Path.of(flags.text("config-file"))) : List.of();
  }

  private Loaded<KubeRbacProxyFile> file() {
    ConfigLoader<KubeRbacProxyFile> loader =
        new ConfigLoader<>(KubeRbacProxyFile.class, variable -> null);
    String file = flags.text("config-file");
    return file.isEmpty()
        ? loader.parse(NAME, "{}".getBytes(StandardCharsets.UTF_8))
        : loader.load(Path.of(file));
  }
}
