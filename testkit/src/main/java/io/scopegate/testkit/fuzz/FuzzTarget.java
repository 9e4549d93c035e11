package io.scopegate.testkit.fuzz;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A public class among the tests whose name ends with {@code Fuzz} and which has Jazzer's method
 * {@code public static void fuzzerTestOneInput(byte[])}. It throws when the code under test did
 * something wrong. Its inputs are the files in {@code src/test/fuzz/NAME}. Immutable.
 */
public final class FuzzTarget {
  private static final String SUFFIX = "Fuzz.class";
  private static final String METHOD = "fuzzerTestOneInput";
  private static final int VARIATIONS = 20;

  private final String className;
  private final Path inputs;

  private FuzzTarget(String className, Path module) {
    this.className = className;
    this.inputs = module.resolve("src/test/fuzz").resolve(name());
  }

  /**
   * The targets of a module, in the order of their names. Their classes are not loaded.
   *
   * @param module the module's folder, with compiled tests
   * @throws IOException when there are no compiled tests
   */
  public static List<FuzzTarget> of(Path module) throws IOException {
    Path classes = module.resolve("target/test-classes");
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(file -> file.endsWith(SUFFIX))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .sorted()
          .map(name -> new FuzzTarget(name, module))
          .toList();
    }
  }

  /** The class's name with its package. */
  public String className() {
    return className;
  }

  /** The class's name without its package. */
  public String name() {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  /** The folder of its inputs. */
  public Path inputs() {
    return inputs;
  }

  /**
   * Runs it over each of its inputs, and over a hundred variations of each, always the same.
   *
   * @return how often it was run
   * @throws AssertionError when it throws; with the input's name, and the bytes in hexadecimal when
   *     it was a variation
   * @throws IOException when there are no inputs, or they cannot be read
   */
  public int runOverItsInputs() throws IOException {
    Method method = method();
    int runs = 0;
    for (Path file : files()) {
      byte[] input = Files.readAllBytes(file);
      run(method, input, file.toString());
      for (byte[] variation : variations(input)) {
        run(method, variation, "a variation of " + file + ": " + hex(variation));
      }
      runs += 1 + VARIATIONS;
    }
    return runs;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(inputs)) {
      List<Path> sorted = files.sorted().toList();
      if (sorted.isEmpty()) {
        throw new IOException(inputs + ": no inputs (expected: one file for each)");
      }
      return sorted;
    }
  }

  private Method method() {
    try {
      return Class.forName(className).getMethod(METHOD, byte[].class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(className + ": no public static void " + METHOD, e);
    }
  }

  private void run(Method method, byte[] input, String what) {
    try {
      method.invoke(null, (Object) input);
    } catch (InvocationTargetException e) {
      throw new AssertionError(name() + " does not pass with " + what, e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(className + ": not public", e);
    }
  }

  /** Cut short, with bytes changed, repeated or moved. */
  private static List<byte[]> variations(byte[] input) {
    Random random = new Random(Arrays.hashCode(input));
    List<byte[]> variations = new ArrayList<>(VARIATIONS);
    for (int i = 0; i < VARIATIONS; i++) {
      int length = input.length;
      byte[] varied =
          switch (i % 3) {
            case 0 -> Arrays.copyOf(input, random.nextInt(length + 1));
            case 1 -> input.clone();
            default -> spliced(input, random);
          };
      for (int n = i % 3 == 0 ? 0 : 1 + random.nextInt(3); n > 0 && varied.length > 0; n--) {
        int at = random.nextInt(varied.length);
        varied[at] = (byte) (random.nextBoolean() ? random.nextInt() : varied[at] ^ 1 << n);
      }
      variations.add(varied);
    }
    return variations;
  }

  /** One piece of the input is put in once more, somewhere else. */
  private static byte[] spliced(byte[] input, Random random) {
    int from = random.nextInt(input.length + 1);
    int length = random.nextInt(Math.min(64, input.length - from) + 1);
    int at = random.nextInt(input.length + 1);
    byte[] spliced = new byte[input.length + length];
    System.arraycopy(input, 0, spliced, 0, at);
    System.arraycopy(input, from, spliced, at, length);
    System.arraycopy(input, at, spliced, at + length, input.length - at);
    return spliced;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The class's name without its package. */
  @Override
  public String toString() {
    return name();
  }
}
