package io.scopegate.gateway.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console's page. They are read from the jars each time somebody asks, so nothing
 * is kept for a page that nobody looks at; browsers keep them. Only the files that are named here
 * are served.
 */
final class ConsolePage {
  /** The page itself. */
  static final String INDEX = "index.html";

  private static final String OURS = "/io/scopegate/gateway/admin/console/";
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/";
  private static final String UPLOT_VERSION =
      "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private static final Set<String> OUR_FILES =
      Set.of(
          INDEX,
          "console.css",
          "icon.svg",
          "main.js",
          "dom.js",
          "format.js",
          "stream.js",
          "chart.js",
          "traffic.js",
          "refusals.js",
          "explain.js",
          "state.js",
          "configuration.js");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /** Where those of the WebJar are in it. */
  private static final Map<String, String> OTHERS =
      Map.of("uplot.js", "dist/uPlot.esm.js", "uplot.css", "dist/uPlot.min.css");

  private ConsolePage() {}

  /**
   * A file.
   *
   * @param type its media type
   * @param etag changes with the content
   * @param content the file; not copied, and nobody changes it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record File(String type, String etag, byte[] content) {}

  /** The names of all files. */
  static Set<String> names() {
    return Stream.concat(OUR_FILES.stream(), OTHERS.keySet().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Reads a file; takes a moment.
   *
   * @return null when there is none of this name
   */
  static @Nullable File read(String name) {
    String place = place(name);
    if (place == null) {
      return null;
    }
    byte[] content = content(place);
    String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "");
    return new File(type, etag(content), content);
  }

  private static @Nullable String place(String name) {
    if (OUR_FILES.contains(name)) {
      return OURS + name;
    }
    String other = OTHERS.get(name);
    return other == null ? null : UPLOT + uplotVersion() + "/" + other;
  }

  private static String uplotVersion() {
    try (InputStream in = open(UPLOT_VERSION)) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] content(String place) {
    try (InputStream in = open(place)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String place) throws IOException {
    InputStream in = ConsolePage.class.getResourceAsStream(place);
    if (in == null) {
      throw new IOException(place + ": not among the program's files (expected: all of its jars)");
    }
    return in;
  }

  private static String etag(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return '"' + HexFormat.of().formatHex(Arrays.copyOf(digest, 12)) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
