package io.scopegate.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocketFactory;

/**
 * A plain socket that sends exactly the bytes it is given, for requests that no well-behaved client
 * sends. Blocking; every read ends after the configured time at the latest.
 */
public final class RawHttp1 implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5_000;
  private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

  private final Socket socket;

  private RawHttp1(Socket socket) {
    this.socket = socket;
  }

  /** Connects in clear text to a loopback port; reads wait for at most 10 s. */
  public static RawHttp1 connect(int port) throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
    return new RawHttp1(socket).readTimeout(Duration.ofSeconds(10));
  }

  /** Connects with TLS to a loopback port. */
  public static RawHttp1 connect(int port, SSLSocketFactory tls) throws IOException {
    RawHttp1 plain = connect(port);
    Socket wrapped = tls.createSocket(plain.socket, "localhost", port, true);
    return new RawHttp1(wrapped).readTimeout(Duration.ofSeconds(10));
  }

  /** Changes how long a read waits. */
  public RawHttp1 readTimeout(Duration timeout) throws IOException {
    socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
    return this;
  }

  /** Sends these characters as ISO-8859-1 bytes. */
  public RawHttp1 write(String text) throws IOException {
    return write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends these bytes. */
  public RawHttp1 write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /**
   * Reads a head: the status line and headers up to and with the empty line.
   *
   * @return the head, or what came of it before the peer closed
   */
  public String readHead() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < END_OF_HEAD.length) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      head.write(next);
      matched = next == END_OF_HEAD[matched] ? matched + 1 : next == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads this many bytes, fewer only when the peer closes before. */
  public byte[] read(int length) throws IOException {
    return socket.getInputStream().readNBytes(length);
  }

  /** Reads until the peer closes. */
  public byte[] readToEnd() throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  /** Whether the peer has closed: waits until it has, or until bytes come. */
  public boolean isClosedByPeer() throws IOException {
    InputStream in = socket.getInputStream();
    return in.read() < 0;
  }

  /** Ends our half; the peer reads an end of stream, and may still answer. */
  public RawHttp1 endOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Closes with RST instead of FIN. */
  public void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
