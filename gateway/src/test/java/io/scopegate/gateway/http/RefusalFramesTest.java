package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RefusalFramesTest {
  private final RefusalFrames frames = new RefusalFrames();

  /** A connection that keeps what it writes, in hexadecimal digits. */
  private final class Writer implements RefusalFrames.Owner {
    private final List<String> written = new ArrayList<>();

    @Override
    public void writeOut() {
      String all = taken();
      if (all != null) {
        written.add(all);
      }
    }

    private @Nullable String taken() {
      ByteBuf all = frames.take(this, UnpooledByteBufAllocator.DEFAULT);
      if (all == null) {
        return null;
      }
      String hex = ByteBufUtil.hexDump(all);
      all.release();
      return hex;
    }
  }

  @Test
  void putsFramesTogetherUntilTheyAreTaken() {
    Writer writer = new Writer();
    frames.frame(writer, 5, (byte) 1, 5, 0x01020304);
    frames.put(new byte[] {7}).put("abc").put(9);
    frames.frame(writer, 4, (byte) 3, 0, 5);
    frames.putInt(0x0a0b0c0d);

    writer.writeOut();

    assertThat(writer.written)
        .containsExactly(
            "0000050105" + "01020304" + "0761626309" + "0000040300" + "00000005" + "0a0b0c0d");
    assertThat(writer.taken()).as("once").isNull();
  }

  @Test
  void whatAnotherConnectionLeftIsItsOwn() {
    Writer one = new Writer();
    Writer other = new Writer();
    frames.frame(one, 0, (byte) 1, 0, 1);
    frames.frame(other, 0, (byte) 1, 0, 3);

    assertThat(one.written).containsExactly("000000010000000001");
    one.writeOut();
    frames.drop(one); // it is gone
    other.writeOut();

    assertThat(one.written).hasSize(1);
    assertThat(other.written).containsExactly("000000010000000003");
  }

  @Test
  void whatIsDroppedIsNotWritten() {
    Writer writer = new Writer();
    frames.frame(writer, 0, (byte) 1, 0, 1);

    frames.drop(writer);

    assertThat(writer.taken()).isNull();
  }

  @Test
  void whatIsMuchIsWrittenBeforeTheEnd() {
    Writer writer = new Writer();
    String text = "x".repeat(1_000);
    for (int id = 1; id < 400; id += 2) {
      frames.frame(writer, text.length(), (byte) 1, 0, id);
      frames.put(text.getBytes(StandardCharsets.US_ASCII));
    }
    writer.writeOut();

    assertThat(writer.written)
        .hasSize(4)
        .allMatch(all -> all.length() <= 2 * RefusalFrames.MOST_BYTES);
    assertThat(String.join("", writer.written)).hasSize(200 * 2 * (9 + text.length()));
  }
}
