package io.scopegate.gateway;

import io.scopegate.authz.StaticTokensFile;
import io.scopegate.config.ConfigLoader;
import io.scopegate.config.Loaded;
import io.scopegate.config.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A configuration file that was read and checked; what is wrong with it, if anything. */
public final class LoadedConfig {
  private final Path file;
  private final Function<String, @Nullable String> environment;
  private final Loaded<GatewayConfig> loaded;
  private final List<Problem> ofStaticTokens;

  private LoadedConfig(
      Path file, Function<String, @Nullable String> environment, Loaded<GatewayConfig> loaded) {
    this.file = file;
    this.environment = environment;
    this.loaded = loaded;
    this.ofStaticTokens =
        loaded
            .partial()
            .map(config -> config.authentication().staticTokens())
            .map(tokens -> StaticTokensFile.load(tokens).problems())
            .orElse(List.of());
  }

  /**
   * Reads a file and everything it names, certificates and keys included; never asks the network.
   *
   * @param file the configuration
   * @param environment a variable's value by its name, null when it is not set
   */
  public static LoadedConfig load(Path file, Function<String, @Nullable String> environment) {
    Loaded<GatewayConfig> loaded = new ConfigLoader<>(GatewayConfig.class, environment).load(file);
    loaded.partial().ifPresent(config -> ConfigChecks.check(config, loaded));
    return new LoadedConfig(file, environment, loaded);
  }

  /** The same file as it is now, in the same environment. */
  public LoadedConfig again() {
    return load(file, environment);
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** Whether it can be used. */
  public boolean isValid() {
    return loaded.isValid() && ofStaticTokens.isEmpty();
  }

  /** What is wrong, in the order of the file, and then in that of the static tokens' file. */
  public List<Problem> problems() {
    return Stream.concat(loaded.problems().stream(), ofStaticTokens.stream()).toList();
  }

  /**
   * The configuration, with everything that stands for something else written out.
   *
   * @throws IllegalStateException when it is not valid
   */
  public GatewayConfig config() {
    return loaded.value().effective();
  }
}
