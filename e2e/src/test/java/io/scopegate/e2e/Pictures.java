package io.scopegate.e2e;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Pictures for the documentation: with 256 colours, a third as large. */
final class Pictures {
  private static final int MOST_COLOURS = 256;
  private static final long DISTINCT = 100;

  private Pictures() {}

  static void take(Page page, Path file) {
    write(page.screenshot(), file);
  }

  static void take(Locator part, Path file) {
    write(part.screenshot(), file);
  }

  private static void write(byte[] png, Path file) {
    try {
      Files.createDirectories(file.getParent());
      ImageIO.write(reduced(ImageIO.read(new ByteArrayInputStream(png))), "png", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The most frequent colours; the others become the nearest of them. */
  private static BufferedImage reduced(BufferedImage full) {
    Map<Integer, Integer> count = new HashMap<>();
    int[] pixels = full.getRGB(0, 0, full.getWidth(), full.getHeight(), null, 0, full.getWidth());
    for (int pixel : pixels) {
      count.merge(pixel, 1, Integer::sum);
    }
    int[] colours = palette(count);
    IndexColorModel model =
        new IndexColorModel(8, colours.length, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    BufferedImage small =
        new BufferedImage(
            full.getWidth(), full.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, model);
    Map<Integer, Integer> known = new HashMap<>();
    for (int i = 0; i < pixels.length; i++) {
      int index = known.computeIfAbsent(pixels[i], pixel -> nearest(colours, pixel));
      small.getRaster().setSample(i % full.getWidth(), i / full.getWidth(), 0, index);
    }
    return small;
  }

  /** Shades of one colour are one: the edges of letters would leave no room for a thin line. */
  private static int[] palette(Map<Integer, Integer> count) {
    List<Integer> chosen = new ArrayList<>();
    count.entrySet().stream()
        .sorted(Map.Entry.<Integer, Integer>comparingByValue(Comparator.reverseOrder()))
        .map(Map.Entry::getKey)
        .filter(colour -> chosen.stream().allMatch(other -> away(other, colour) >= DISTINCT))
        .limit(MOST_COLOURS)
        .forEach(chosen::add);
    return chosen.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The square of the distance of two colours. */
  private static long away(int one, int other) {
    long away = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      long difference = (one >> shift & 0xff) - (other >> shift & 0xff);
      away += difference * difference;
    }
    return away;
  }

  private static int nearest(int[] colours, int pixel) {
    int best = 0;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < colours.length; i++) {
      long away = away(colours[i], pixel);
      if (away < least) {
        least = away;
        best = i;
      }
    }
    return best;
  }
}
