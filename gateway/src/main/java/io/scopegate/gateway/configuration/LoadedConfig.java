package io.scopegate.gateway.configuration;

import io.scopegate.authz.decision.StaticTokensFile;
import io.scopegate.config.ConfigLoader;
import io.scopegate.config.Loaded;
import io.scopegate.config.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A configuration file that was read and checked; what is wrong with it, if anything. */
public final class LoadedConfig {
  private final Path file;
  private final Supplier<LoadedConfig> again;
  private final List<Path> followed;
  private final Loaded<GatewayConfig> loaded;
  private final List<Problem> ofOtherFiles;

  private LoadedConfig(
      Path file,
      List<Path> followed,
      Supplier<LoadedConfig> again,
      Loaded<GatewayConfig> loaded,
      List<Problem> ofSources) {
    this.file = file;
    this.followed = List.copyOf(followed);
    this.again = again;
    this.loaded = loaded;
    this.ofOtherFiles = Stream.concat(ofSources.stream(), ofStaticTokens(loaded).stream()).toList();
  }

  private static List<Problem> ofStaticTokens(Loaded<GatewayConfig> loaded) {
    return loaded
        .partial()
        .map(config -> config.authentication().staticTokens())
        .filter(Files::exists) // else that is reported where it is named
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
    return checked(file, List.of(file), () -> load(file, environment), loaded, List.of());
  }

  /**
   * The same on another machine than the gateway's: files that the configuration names and that do
   * not exist are warnings, those that exist are read.
   */
  public static LoadedConfig loadWithoutFiles(
      Path file, Function<String, @Nullable String> environment) {
    Loaded<GatewayConfig> loaded = new ConfigLoader<>(GatewayConfig.class, environment).load(file);
    loaded.allowAbsentFiles();
    return checked(
        file, List.of(file), () -> loadWithoutFiles(file, environment), loaded, List.of());
  }

  /**
   * Takes a configuration that was written by this process, and what the files say that it names.
   *
   * @param name how problems call it
   * @param yaml the configuration; variables are not replaced
   * @param problems what is wrong with the files that it was made from
   * @param followed those files
   * @param again makes it again from them
   */
  public static LoadedConfig written(
      String name,
      String yaml,
      List<Problem> problems,
      List<Path> followed,
      Supplier<LoadedConfig> again) {
    Loaded<GatewayConfig> loaded =
        new ConfigLoader<>(GatewayConfig.class, variable -> null)
            .parse(name, yaml.getBytes(StandardCharsets.UTF_8));
    return checked(Path.of(name), followed, again, loaded, problems);
  }

  private static LoadedConfig checked(
      Path file,
      List<Path> followed,
      Supplier<LoadedConfig> again,
      Loaded<GatewayConfig> loaded,
      List<Problem> problems) {
    loaded.partial().ifPresent(config -> ConfigChecks.check(config, loaded));
    return new LoadedConfig(file, followed, again, loaded, problems);
  }

  /** Loads the same file again, with the same environment. */
  public LoadedConfig again() {
    return again.get();
  }

  /** The files that it depends on. */
  public List<Path> followed() {
    return followed;
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** Whether it can be used. */
  public boolean isValid() {
    return loaded.isValid() && ofOtherFiles.isEmpty();
  }

  /** What is wrong, in the order of the file, and then in that of the other files it rests on. */
  public List<Problem> problems() {
    return Stream.concat(loaded.problems().stream(), ofOtherFiles.stream()).toList();
  }

  /**
   * The configuration as it is written, what stands for something else not written out.
   *
   * @throws IllegalStateException when it is not valid
   */
  public GatewayConfig given() {
    return loaded.value();
  }

  /** What may be wrong although it can be used, in the order of the file. */
  public List<Problem> warnings() {
    return loaded.warnings();
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
