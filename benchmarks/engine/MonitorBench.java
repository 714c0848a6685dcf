import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultipassTermFilteredPresearcher;
import org.apache.lucene.monitor.Presearcher;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * Lucene Monitor over stored queries: {@code MonitorBench QUERIES ARTICLES SECONDS}.
 *
 * <p>Prints one line of JSON. Rates are per second of the process's CPU time. Of two presearchers and
 * three sizes of batches the best is told.
 */
public class MonitorBench {
    private static final String FIELD = "text";
    private static final int[] BATCHES = {100, 500, Integer.MAX_VALUE};
    private static final int ADDED = 20;

    public static void main(String[] args) throws Exception {
        List<String> queries = Files.readAllLines(Path.of(args[0]));
        List<String> articles = Files.readAllLines(Path.of(args[1]));
        double seconds = Double.parseDouble(args[2]);
        double one = 0, batched = 0, add = 0, kilobytes = 0;
        int best = 0;
        for (Presearcher presearcher :
                List.of(new TermFilteredPresearcher(), new MultipassTermFilteredPresearcher(4))) {
            Analyzer analyzer = new StandardAnalyzer();
            long before = used();
            Monitor monitor = new Monitor(analyzer, presearcher);
            monitor.register(parsed(queries));
            kilobytes = Math.max(kilobytes, (used() - before) / 1e3 / queries.size());
            Document[] documents = documents(articles);
            rate(monitor, documents, 1, seconds / 2);
            one = Math.max(one, rate(monitor, documents, 1, seconds));
            for (int size : BATCHES) {
                int whole = Math.min(size, documents.length);
                double found = rate(monitor, documents, whole, seconds);
                if (found > batched) {
                    batched = found;
                    best = whole;
                }
            }
            add = Math.max(add, add(monitor, queries));
            monitor.close();
        }
        System.out.printf(
                java.util.Locale.ROOT,
                "{\"one_per_s\": %.2f, \"batch_per_s\": %.2f, \"batch\": %d, \"add_ms\": %.2f, \"kb\": %.2f}%n",
                one, batched, best, add, kilobytes);
    }

    /** Articles a CPU second, in batches of {@code size}, for {@code seconds} at least. */
    private static double rate(Monitor monitor, Document[] documents, int size, double seconds)
            throws Exception {
        int done = 0, at = 0;
        double began = cpu(), took;
        do {
            if (size == 1) {
                monitor.match(documents[at], QueryMatch.SIMPLE_MATCHER).getMatchCount();
                at = (at + 1) % documents.length;
            } else {
                Document[] batch = new Document[size];
                for (int n = 0; n < size; n++) {
                    batch[n] = documents[(at + n) % documents.length];
                }
                monitor.match(batch, QueryMatch.SIMPLE_MATCHER).getBatchSize();
                at = (at + size) % documents.length;
            }
            done += size;
            took = cpu() - began;
        } while (took < seconds);
        return done / took;
    }

    /** The slowest of some additions, in milliseconds. */
    private static double add(Monitor monitor, List<String> queries) throws Exception {
        double worst = 0;
        for (int n = 0; n < Math.min(ADDED, queries.size()); n++) {
            Query query = parse(queries.get(n).split("\t", -1));
            long began = System.nanoTime();
            monitor.register(new MonitorQuery("added-" + n, query));
            worst = Math.max(worst, (System.nanoTime() - began) / 1e6);
        }
        return worst;
    }

    private static List<MonitorQuery> parsed(List<String> lines) {
        List<MonitorQuery> found = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split("\t", -1);
            found.add(new MonitorQuery(fields[0], parse(fields)));
        }
        return found;
    }

    /** Fields: id, least, words, cues, then one for each required entity. */
    private static Query parse(String[] fields) {
        BooleanQuery.Builder words = new BooleanQuery.Builder();
        String[] telling = fields[2].split(" ");
        for (String word : telling) {
            words.add(new TermQuery(new Term(FIELD, word)), Occur.SHOULD);
        }
        words.setMinimumNumberShouldMatch(Math.min(Integer.parseInt(fields[1]), telling.length));
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        query.add(words.build(), Occur.SHOULD);
        if (!fields[3].isEmpty()) {
            BooleanQuery.Builder declared = new BooleanQuery.Builder();
            for (int n = 3; n < fields.length; n++) {
                declared.add(any(fields[n].split("\\|")), Occur.MUST);
            }
            query.add(declared.build(), Occur.SHOULD);
        }
        return query.build();
    }

    private static Query any(String[] phrases) {
        BooleanQuery.Builder group = new BooleanQuery.Builder();
        for (String phrase : phrases) {
            group.add(new PhraseQuery(FIELD, phrase.split(" ")), Occur.SHOULD);
        }
        return group.build();
    }

    private static Document[] documents(List<String> lines) {
        Document[] found = new Document[lines.size()];
        for (int n = 0; n < found.length; n++) {
            found[n] = new Document();
            found[n].add(new TextField(FIELD, lines.get(n).replace('\t', '\n'), Field.Store.NO));
        }
        return found;
    }

    private static double cpu() {
        var system = (com.sun.management.OperatingSystemMXBean)
                ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime() / 1e9;
    }

    private static long used() {
        for (int n = 0; n < 3; n++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
