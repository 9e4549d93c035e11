package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever starts the gateway in a container gives the heap the same share of its limit, in a small
 * container too. The JVM takes half of a small one unless it is told otherwise.
 */
class ContainerHeapTest {
  private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern SHARE = Pattern.compile("(M(?:ax|in)RAMPercentage)=(\\d+)");
  private static final List<String> FORTY = List.of("MaxRAMPercentage=40", "MinRAMPercentage=40");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scopegate",
        "deploy/image/heap.flags",
        "deploy/image/scopegate",
        "deploy/manifests/standalone/30-deployment.yaml",
        "deploy/manifests/sidecar/30-statefulset.yaml"
      })
  void whateverStartsItSaysForty(String file) throws IOException {
    assertThat(shares(Files.readString(TOP.resolve(file)))).isEqualTo(FORTY);
  }

  /** Where one stands alone the JVM takes its own default for the other. */
  @Test
  void noFileSetsOneWithoutTheOther() throws IOException {
    try (Stream<Path> files = Files.walk(TOP.resolve("deploy"))) {
      List<Path> all =
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.toString().contains("/target/"))
              .toList();
      assertThat(all).hasSizeGreaterThan(50);
      for (Path file : all) {
        for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).split("\n")) {
          if (line.contains("JAVA_TOOL_OPTIONS") || line.contains("javaOptions:")) {
            assertThat(shares(line).size()).as("%s: %s", file, line).isIn(0, 2);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 200, 256, 300, 512, 4096})
  void theJvmTakesFortyPercentOfAnyContainer(int mebibytes) throws Exception {
    long heap = heapBytes("-XX:Flags=" + TOP.resolve("deploy/image/heap.flags"), mebibytes);

    // the JVM rounds up to whole regions
    assertThat(heap * 100.0 / (mebibytes * (double) (1 << 20))).isBetween(39.9, 41.0);
  }

  /** The JVM would start one in a small container, whatever the number of cores. */
  @Test
  void theOptimizingCompilerHasTwoThreadsInASmallContainer() throws Exception {
    String flags = flags("-XX:Flags=" + TOP.resolve("deploy/image/heap.flags"), 256);

    assertThat(flags)
        .containsPattern(" CICompilerCount += 3 ")
        .containsPattern(" UseDynamicNumberOfCompilerThreads += false ");
  }

  /** So that the test of the heap means something. */
  @Test
  void withTheMaximumAloneItWouldTakeHalf() throws Exception {
    assertThat(heapBytes("-XX:MaxRAMPercentage=40", 128)).isEqualTo(64L << 20);
  }

  private static List<String> shares(String text) {
    List<String> found = new ArrayList<>();
    for (Matcher share = SHARE.matcher(text); share.find(); ) {
      found.add(share.group());
    }
    return found;
  }

  private static long heapBytes(String option, int mebibytes) throws Exception {
    String output = flags(option, mebibytes);
    Matcher heap = Pattern.compile(" MaxHeapSize += (\\d+) ").matcher(output);
    assertThat(heap.find()).as(output).isTrue();
    return Long.parseLong(heap.group(1));
  }

  private static String flags(String option, int mebibytes) throws Exception {
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            option,
            "-XX:MaxRAM=" + mebibytes + "m",
            "-XX:+UseSerialGC",
            "-XX:+PrintFlagsFinal",
            "-version");
    java.environment().keySet().removeIf(name -> name.contains("JAVA"));
    java.redirectErrorStream(true);
    Process process = java.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
