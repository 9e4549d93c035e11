package io.scopegate.e2e.hostile;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An upstream behind a proxy, which writes down into what requests the proxy has split what came:
 * for each odd request the methods and bodies that arrived whole.
 */
final class SplitUpstream implements AutoCloseable {
  private static final Pattern NUMBER = Pattern.compile("c=c(\\d+)c");
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<Integer, List<String>> splits = new ConcurrentHashMap<>();

  SplitUpstream() {
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** What an odd request was split into, without the plain one behind it. */
  List<String> of(OddRequest odd) {
    return List.copyOf(splits.getOrDefault(odd.number(), List.of()));
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket));
      } catch (IOException e) {
        return; // it is closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        String requestLine = line(in);
        note(requestLine, body(in));
        socket.getOutputStream().write(ANSWER);
      }
    } catch (IOException | NumberFormatException e) {
      // the proxy has closed it, or given up in the middle: what is not whole does not count
    }
  }

  private void note(String requestLine, byte[] body) {
    Matcher number = NUMBER.matcher(requestLine);
    if (number.find() && !requestLine.contains("&next")) {
      String kind = requestLine.contains("&smuggled") ? " smuggled" : "";
      splits
          .computeIfAbsent(Integer.valueOf(number.group(1)), n -> new CopyOnWriteArrayList<>())
          .add(
              requestLine.split(" ")[0]
                  + kind
                  + " ["
                  + new String(body, StandardCharsets.ISO_8859_1)
                  + "]");
    }
  }

  private static byte[] body(InputStream in) throws IOException {
    int length = 0;
    boolean chunked = false;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).trim());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
    }
    return chunked ? chunks(in) : whole(in, length);
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in).split(";")[0].trim(), 16);
      body.writeBytes(whole(in, size));
      if (size == 0) {
        while (!line(in).isEmpty()) {
          // trailers
        }
        return body.toByteArray();
      }
      line(in);
    }
  }

  private static byte[] whole(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        throw new EOFException();
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
