package io.scopegate.gateway;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The files that tests of the configuration share, and how they load one. */
public final class TestFiles {
  private TestFiles() {}

  /** A resource beside this class. */
  public static Path resource(String name) {
    URL url = Objects.requireNonNull(TestFiles.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  /** What {@code ${CRT}}, {@code ${KEY}} and {@code ${OTHER_KEY}} stand for in tests. */
  public static @Nullable String environment(String name) {
    return Map.of(
            "CRT", resource("tls/rsa.crt").toString(),
            "KEY", resource("tls/rsa.pkcs8.key").toString(),
            "OTHER_KEY", resource("tls/ec.sec1.key").toString())
        .get(name);
  }

  /** Loads a text as a file of its own. */
  public static LoadedConfig load(Path directory, String yaml) {
    try {
      Path file = Files.writeString(directory.resolve("scopegate.yaml"), yaml);
      return LoadedConfig.load(file, TestFiles::environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The problems, each without the name of the file. */
  public static List<String> problems(LoadedConfig loaded) {
    int prefix = loaded.file().toString().length() + 1;
    return loaded.problems().stream().map(p -> p.toString().substring(prefix)).toList();
  }
}
